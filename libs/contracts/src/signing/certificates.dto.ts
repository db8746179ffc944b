import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { PrivateContext } from '../private-context.dto';
import {
  CERTIFICATE_KINDS,
  type CertificateKind,
  type IsoUtc,
  IsSha256Hex,
  MayBeLeftOut,
  REASONS_TO_REVOKE,
  REVOCATION_REASONS,
  type RevocationReason,
  type SerialHex,
  type Sha256Hex,
} from '../wire';

/** Body of `POST /api/v1/certificates`; the header `Idempotency-Key` carries the issuance id (a UUID). */
export class IssueCertificateRequest {
  /** PKCS#10, PEM. Only its public key is used, and its signature as proof of possession. */
  @IsString()
  @MaxLength(16_384)
  csr: string;

  /** What it is for; it decides key usage, names and validity. */
  @IsIn(CERTIFICATE_KINDS)
  kind: CertificateKind;

  /** Of the subject, and for a server its DNS name as well. */
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  common_name: string;

  /** Servers only. */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(16)
  @IsString({ each: true })
  @MaxLength(253, { each: true })
  dns_names?: string[];

  /** At most the kind's configured validity; that much when absent. */
  @MayBeLeftOut()
  @IsInt()
  @Min(1)
  @Max(3650)
  validity_days?: number;

  /** Who asked, for the log; all of it stays out of the certificate. */
  @MayBeLeftOut()
  @ValidateNested()
  @Type(() => PrivateContext)
  context?: PrivateContext;
}

/** A certificate that stands in the log, with the proof that it does. */
export interface IssuedCertificate {
  /** PEM, the leaf alone. */
  readonly certificate: string;
  /** PEM: intermediate, then root. */
  readonly chain: readonly [intermediate: string, root: string];
  /** C2SP tlog-proof text, verified by signing. */
  readonly receipt: string;
  readonly serial_number: SerialHex;
  readonly fingerprint: Sha256Hex;
  /** Of the issued entry. */
  readonly log_index: number;
  readonly not_before: IsoUtc;
  readonly not_after: IsoUtc;
}

/** Body of `POST /api/v1/revocations`. */
export class RevokeCertificateRequest {
  /** SHA-256 of the certificate's DER. */
  @IsSha256Hex()
  fingerprint: string;

  /** Why, for ever: a second revocation does not change it. */
  @IsIn(REVOCATION_REASONS, { message: REASONS_TO_REVOKE })
  reason: RevocationReason;

  /** Who asked, for the log. */
  @MayBeLeftOut()
  @ValidateNested()
  @Type(() => PrivateContext)
  context?: PrivateContext;
}

/** What a revocation came to: the certificate is revoked, now or since earlier. */
export interface RevokedCertificateResponse {
  readonly fingerprint: Sha256Hex;
  readonly reason: RevocationReason;
  readonly revoked_at: IsoUtc;
  /** Of the revocation. */
  readonly log_index: number;
  /** False when it had been revoked before: then reason and time are those of the first revocation. */
  readonly newly_revoked: boolean;
  /** `published` once a CRL that names the certificate is served; `pending` when that is still under way. */
  readonly crl: 'published' | 'pending';
}

/** Answer to `POST /api/v1/crl`: a CRL that was made just now. */
export interface RebuiltCrlResponse {
  /** CRL number (RFC 5280 §5.2.3): higher than every one before. */
  readonly number: number;
  readonly this_update: IsoUtc;
  readonly next_update: IsoUtc;
}

/** The certificates above every certificate that is issued now. */
export interface ChainResponse {
  /** PEM. */
  readonly intermediate: string;
  /** PEM. */
  readonly root: string;
}
