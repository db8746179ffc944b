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
  REASONS_TO_REVOKE,
  REVOCATION_REASONS,
  IsSha256Hex,
  MayBeLeftOut,
  type CertificateKind,
  type RevocationReason,
} from '../wire';

/** Body of `POST /api/v1/certificates`; the header `Idempotency-Key` carries the issuance id (a UUID). */
export class IssueCertificateRequest {
  /** PKCS#10, PEM. Only its public key is used, and its signature as proof of possession. */
  @IsString()
  @MaxLength(16_384)
  csr: string;

  @IsIn(CERTIFICATE_KINDS)
  kind: CertificateKind;

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
  readonly serial_number: string;
  readonly fingerprint: string;
  readonly log_index: number;
  readonly not_before: string;
  readonly not_after: string;
}

/** Body of `POST /api/v1/revocations`. */
export class RevokeCertificateRequest {
  @IsSha256Hex()
  fingerprint: string;

  @IsIn(REVOCATION_REASONS, { message: REASONS_TO_REVOKE })
  reason: RevocationReason;

  @MayBeLeftOut()
  @ValidateNested()
  @Type(() => PrivateContext)
  context?: PrivateContext;
}

export interface RevokedCertificateResponse {
  readonly fingerprint: string;
  readonly reason: RevocationReason;
  readonly revoked_at: string;
  readonly log_index: number;
  /** False when it had been revoked before: then reason and time are those of the first revocation. */
  readonly newly_revoked: boolean;
  /** `published` once a CRL that names the certificate is served; `pending` when that is still under way. */
  readonly crl: 'published' | 'pending';
}

/** Answer to `POST /api/v1/crl`: a CRL that was made just now. */
export interface RebuiltCrlResponse {
  readonly number: number;
  readonly this_update: string;
  readonly next_update: string;
}

/** `GET /api/v1/chain`. */
export interface ChainResponse {
  readonly intermediate: string;
  readonly root: string;
}
