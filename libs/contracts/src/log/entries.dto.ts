import { Type } from 'class-transformer';
import { Equals, IsIn, IsInt, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { PrivateContext } from '../private-context.dto';
import {
  CERTIFICATE_KINDS,
  type CertificateKind,
  IsBase64Line,
  IsIsoUtc,
  type IsoUtc,
  IsSha256Hex,
  MayBeLeftOut,
  REVOCATION_REASONS,
  type RevocationReason,
} from '../wire';

/** A certificate was signed. Serial number, CN and validity are read from the DER by the log itself. */
export class IssuedEntry {
  /** Names the kind of entry. */
  @Equals('issued')
  type = 'issued' as const;

  /** What the certificate is for. */
  @IsIn(CERTIFICATE_KINDS)
  kind: CertificateKind;

  /** SHA-256 of the issuer's SubjectPublicKeyInfo. */
  @IsSha256Hex()
  issuer: string;

  /** The certificate, DER in base64. */
  @IsBase64Line()
  @MaxLength(80_000)
  certificate: string;

  /** Who asked: a commitment to it stands in the log, the text beside it. */
  @MayBeLeftOut()
  @ValidateNested()
  @Type(() => PrivateContext)
  context?: PrivateContext;
}

/** A certificate was revoked. The log knows the issued entry by the fingerprint and refuses one that it has never seen (404). */
export class RevokedEntry {
  /** Names the kind of entry. */
  @Equals('revoked')
  type = 'revoked' as const;

  /** SHA-256 of the certificate's DER. */
  @IsSha256Hex()
  fingerprint: string;

  /** Why. */
  @IsIn(REVOCATION_REASONS)
  reason: RevocationReason;

  /** The caller's claim; it orders nothing. */
  @IsIsoUtc()
  revoked_at: string;

  /** Who asked: a commitment to it stands in the log, the text beside it. */
  @MayBeLeftOut()
  @ValidateNested()
  @Type(() => PrivateContext)
  context?: PrivateContext;
}

/** A CRL was signed and is about to be published. */
export class CrlEntry {
  /** Names the kind of entry. */
  @Equals('crl')
  type = 'crl' as const;

  /** SHA-256 of the issuer's SubjectPublicKeyInfo. */
  @IsSha256Hex()
  issuer: string;

  /** As allocated for this CRL. */
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
  /** Of the entry in the log. */
  readonly index: number;
  /** C2SP tlog-proof text whose `extra` is the leaf without the DER. */
  readonly receipt: string;
  /** Opens the leaf's commitment to the context (base64, 32 bytes); null without context. */
  readonly context_salt: string | null;
  /** It had been logged before: then index and receipt are those of the first time. */
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
  /** One for each entry that was sent, in their order. */
  readonly outcomes: readonly EntryOutcome[];
}

/** Body of `POST /api/v1/crl-numbers`. */
export class AllocateCrlNumberRequest {
  /** SHA-256 of the issuer's SubjectPublicKeyInfo. */
  @IsSha256Hex()
  issuer: string;
}

/** A CRL number and its thisUpdate, each allocated once and strictly increasing for the issuer, whoever asks. */
export interface AllocatedCrlNumber {
  /** RFC 5280 §5.2.3. */
  readonly number: number;
  /** Whole seconds, at least one second after the previous CRL's, and backdated against clock skew. */
  readonly this_update: IsoUtc;
}
