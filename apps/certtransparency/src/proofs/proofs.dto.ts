import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsSha256Hex } from '@libs/contracts';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

/** Query of `GET /api/v1/proofs/inclusion`. */
export class InclusionQuery {
  @ApiProperty({ description: 'SHA-256 of the certificate, lower-case hex' })
  @IsSha256Hex()
  fingerprint: string;

  @ApiPropertyOptional({
    description: 'Size of the log; for a receipt, that of a checkpoint. The latest one when absent',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  size?: number;
}

export class InclusionResponse {
  @ApiProperty({ description: 'Of the entry' })
  readonly index: number;

  @ApiProperty({ description: 'Of the log that the proof is about' })
  readonly size: number;

  @ApiProperty({ type: [String], description: 'RFC 9162 §2.1.3, base64' })
  readonly hashes: readonly string[];
}

/** Query of `GET /api/v1/proofs/consistency`. */
export class ConsistencyQuery {
  @ApiProperty({ description: 'Size of the older log, at least 1' })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  from: number;

  @ApiPropertyOptional({ description: 'Size of the newer log; the present one when absent' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  to?: number;
}

export class ConsistencyResponse {
  @ApiProperty()
  readonly from: number;

  @ApiProperty()
  readonly to: number;

  @ApiProperty({ type: [String], description: 'RFC 9162 §2.1.4, base64' })
  readonly hashes: readonly string[];
}
