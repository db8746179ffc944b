import { IsSha256Hex } from '@libs/contracts';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

/** Query of `GET /api/v1/proofs/inclusion`. */
export class InclusionQuery {
  /** SHA-256 of the certificate, lower-case hex. */
  @IsSha256Hex()
  fingerprint: string;

  /** Size of the log; for a receipt, that of a checkpoint. The latest one when absent. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  size?: number;
}

/** Proof that an entry stands in the log, in parts (RFC 9162 §2.1.3). */
export interface InclusionResponse {
  /** Of the entry. */
  readonly index: number;
  /** Of the log that the proof is about. */
  readonly size: number;
  /** Base64. */
  readonly hashes: readonly string[];
}

/** Query of `GET /api/v1/proofs/consistency`. */
export class ConsistencyQuery {
  /** Size of the older log, at least 1. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  from: number;

  /** Size of the newer log; the present one when absent. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  to?: number;
}

/** Proof that one log begins with another (RFC 9162 §2.1.4). */
export interface ConsistencyResponse {
  /** Size of the older log. */
  readonly from: number;
  /** Size of the newer one. */
  readonly to: number;
  /** Base64. */
  readonly hashes: readonly string[];
}
