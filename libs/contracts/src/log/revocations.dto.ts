import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { type IsoUtc, IsSha256Hex, type RevocationReason, type SerialHex, type Sha256Hex } from '../wire';

/** The revocation of a certificate, which there is once and for ever. */
export interface RevocationRecord {
  /** Log index of the revocation. */
  readonly index: number;
  /** As it was given first. */
  readonly reason: RevocationReason;
  readonly revoked_at: IsoUtc;
}

/** Query of `GET /api/v1/revocations`: every revocation at or after a log index, in log order. */
export class RevocationFeedQuery {
  /** Log index to begin with: what the page before had as `next_since`, 0 at first. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  since: number = 0;

  /** SHA-256 of an issuer's SubjectPublicKeyInfo: its certificates alone. Not for the signed form. */
  @IsOptional()
  @IsSha256Hex()
  issuer?: string;

  /** How many at most; default 1,000. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(10_000)
  limit?: number;

  /** For the signed form alone: size of a log that its page is to be proven to extend. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  extends?: number;
}

/** Query of the signed form of the feed, as a plain object for callers. */
export interface RevocationPageRequest {
  readonly since: number;
  readonly extends?: number;
  readonly limit?: number;
}

/** Query of the plain form, for callers. */
export interface RevocationFeedRequest {
  readonly since: number;
  readonly issuer?: string;
  readonly limit?: number;
}

/** A revocation, and what a CRL says of it. */
export interface RevokedCertificate extends RevocationRecord {
  readonly fingerprint: Sha256Hex;
  readonly serial_number: SerialHex;
  readonly issuer: Sha256Hex;
  readonly not_after: IsoUtc;
}

/** Revocations in log order. */
export interface RevocationFeed {
  /** Those at or after `since`. */
  readonly items: readonly RevokedCertificate[];
  /** Ask again with this `since`; the log's size when nothing is left. */
  readonly next_since: number;
  /** Nothing is left: below `next_since` none will ever be added. */
  readonly complete: boolean;
}
