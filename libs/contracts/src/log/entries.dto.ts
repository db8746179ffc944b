import { Type } from 'class-transformer';
import { Equals, IsIn, IsInt, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { PrivateContext } from '../private-context.dto';
import {
  CERTIFICATE_KINDS,
  REVOCATION_REASONS,
  IsBase64Line,
  IsIsoUtc,
  IsSha256Hex,
  MayBeLeftOut,
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

  @MayBeLeftOut()
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

  @MayBeLeftOut()
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

/** Most entries that one request may carry. */
export const MAX_ENTRIES_IN_BATCH = 64;

/** Body of `POST /api/v1/entries/batch`. */
export interface EntryBatch {
  readonly entries: readonly LogEntry[];
}

/** What became of one entry of a batch: as if it had been sent alone. */
export type EntryOutcome =
  | { readonly status: 200 | 201; readonly entry: AppendedEntry }
  | {
      readonly status: number;
      /** RFC 9457. */
      readonly problem: Readonly<Record<string, unknown>>;
      readonly retry_after_seconds?: number;
    };

/** Answer to `POST /api/v1/entries/batch`, in the order of the entries. */
export interface EntryBatchOutcomes {
  readonly outcomes: readonly EntryOutcome[];
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
