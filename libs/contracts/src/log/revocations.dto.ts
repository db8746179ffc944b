import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsSha256Hex, type RevocationReason } from '../wire';

export interface RevocationRecord {
  /** Log index of the revocation. */
  readonly index: number;
  readonly reason: RevocationReason;
  readonly revoked_at: string;
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
