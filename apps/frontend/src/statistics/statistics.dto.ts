import type { CertificateKind, CertificateStatus, DayStatistics, IsoUtc, LogStatistics } from '@libs/contracts';
import { IsWholeNumber } from '@libs/http';
import { Type } from 'class-transformer';
import { IsOptional } from 'class-validator';

/** Query of `GET /api/v1/admin/statistics`. */
export class StatisticsQuery {
  /** How many days to count by, today included; days are those of UTC. Default: 30. */
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, 366)
  days?: number;
}

/** How many certificates there are, by the log, which has them all. */
export interface StatisticsResponse {
  /** The moment by which certificates have expired or not. */
  readonly at: IsoUtc;
  /** Entries of the log that were counted. */
  readonly log_size: number;
  /** All that were ever issued. */
  readonly certificates: number;
  /** How many for each type. */
  readonly by_type: Readonly<Record<CertificateKind, number>>;
  /** How many are `valid`, `expired` or `revoked` at that moment. */
  readonly by_status: Readonly<Record<CertificateStatus, number>>;
  /** Oldest first, without gaps. */
  readonly by_day: readonly DayStatistics[];
}

export function statisticsResponse(statistics: LogStatistics): StatisticsResponse {
  const { at, size, certificates, by_kind, by_status, by_day } = statistics;
  return { at, log_size: size, certificates, by_type: by_kind, by_status, by_day };
}
