import { Type } from 'class-transformer';
import { Equals, IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { PrivateContext } from '../private-context.dto';
import {
  CERTIFICATE_KINDS,
  REVOCATION_REASONS,
  IsBase64Line,
  IsIsoUtc,
  IsSha256Hex,
  type CertificateKind,
  type RevocationReason,
} from '../wire';

/** A certificate was signed. Serial number, CN and validity are read from the DER by the log itself. */
export class IssuedEntry {
  @Equals('issued')
  type = 'issued' as const;

  @IsIn(CERTIFICATE_KINDS)
  kind: CertificateKind;

  /** SHA-256 of the issuer's SubjectPublicKeyInfo. */
  @IsSha256Hex()
  issuer: string;

  /** The certificate, DER in base64. */
  @IsBase64Line()
  @MaxLength(80_000)
  certificate: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => PrivateContext)
  context?: PrivateContext;
}

/** A certificate was revoked. The log knows the issued entry by the fingerprint and refuses one that it has never seen (404). */
export class RevokedEntry {
  @Equals('revoked')
  type = 'revoked' as const;

  @IsSha256Hex()
  fingerprint: string;

  @IsIn(REVOCATION_REASONS)
  reason: RevocationReason;

  /** The caller's claim; it orders nothing. */
  @IsIsoUtc()
  revoked_at: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => PrivateContext)
  context?: PrivateContext;
}

/** A CRL was signed and is about to be published. */
export class CrlEntry {
  @Equals('crl')
  type = 'crl' as const;

  @IsSha256Hex()
  issuer: string;

  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  crl_number: number;

  /** SHA-256 of the CRL's DER. */
  @IsSha256Hex()
  crl_sha256: string;
}

export type LogEntry = IssuedEntry | RevokedEntry | CrlEntry;

/** Answer to `POST /api/v1/entries`: 201 when the entry is new, 200 when it was known. */
export interface AppendedEntry {
  readonly index: number;
  /** C2SP tlog-proof text whose `extra` is the leaf without the DER. */
  readonly receipt: string;
  /** Opens the leaf's commitment to the context (base64, 32 bytes); null without context. */
  readonly context_salt: string | null;
  readonly known: boolean;
}

/** Body of `POST /api/v1/crl-numbers`. */
export class AllocateCrlNumberRequest {
  @IsSha256Hex()
  issuer: string;
}

/** A CRL number and its thisUpdate, each allocated once and strictly increasing for the issuer, whoever asks. */
export interface AllocatedCrlNumber {
  readonly number: number;
  /** Whole seconds, at least one second after the previous CRL's, and backdated against clock skew. */
  readonly this_update: string;
}

/** Query of `GET /api/v1/certificates`. */
export class CertificateSearchQuery {
  @IsOptional()
  @IsSha256Hex()
  fingerprint?: string;

  @IsOptional()
  @IsString()
  @MaxLength(40)
  serial?: string;

  @IsOptional()
  @IsString()
  @MaxLength(36)
  user_id?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  psk_id?: string;

  @IsOptional()
  @IsString()
  @MaxLength(36)
  issuance_id?: string;

  @IsOptional()
  @IsSha256Hex()
  issuer?: string;

  @IsOptional()
  @IsIn(CERTIFICATE_KINDS)
  kind?: CertificateKind;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number;

  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

/** The same as a plain object, for callers. */
export type CertificateSearch = Readonly<Pick<CertificateSearchQuery, keyof CertificateSearchQuery>>;

export interface RevocationRecord {
  /** Log index of the revocation. */
  readonly index: number;
  readonly reason: RevocationReason;
  readonly revoked_at: string;
}

/** A certificate as the log knows it. */
export interface CertificateRecord {
  readonly index: number;
  readonly fingerprint: string;
  readonly serial_number: string;
  readonly kind: CertificateKind;
  readonly common_name: string;
  readonly issuer: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly logged_at: string;
  readonly revocation: RevocationRecord | null;
  /** Null once erased, or if none was given. */
  readonly context: PrivateContext | null;
  /** DER in base64; only in the answer for one certificate. */
  readonly certificate?: string;
}

/** Query of `GET /api/v1/revocations`: every revocation at or after a log index, in log order. */
export class RevocationFeedQuery {
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  since: number = 0;

  @IsOptional()
  @IsSha256Hex()
  issuer?: string;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(10_000)
  limit?: number;
}

/** The same as a plain object, for callers. */
export interface RevocationFeedRequest {
  readonly since: number;
  readonly issuer?: string;
  readonly limit?: number;
}

export interface RevokedCertificate extends RevocationRecord {
  readonly fingerprint: string;
  readonly serial_number: string;
  readonly issuer: string;
  readonly not_after: string;
}

export interface RevocationFeed {
  readonly items: readonly RevokedCertificate[];
  /** Ask again with this `since`; the log's size when nothing is left. */
  readonly next_since: number;
  readonly complete: boolean;
}
