import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import type { CertificateKind, IsoUtc } from '../wire';
import type { CertificateStatus } from './search.dto';

/** Query of `GET /api/v1/statistics`. */
export class StatisticsQuery {
  /** How many days to count by, today included; days are those of UTC. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(366)
  days?: number;
}

/** The same as a plain object, for callers. */
export type StatisticsRequest = Readonly<Pick<StatisticsQuery, keyof StatisticsQuery>>;

/** What happened on one day of UTC. */
export interface DayStatistics {
  /** `2025-11-24`. */
  readonly day: string;
  /** Certificates. */
  readonly issued: number;
  /** Certificates, whenever they were issued. */
  readonly revoked: number;
}

/** How many certificates the log knows. */
export interface LogStatistics {
  /** Entries of the log that were counted: a checkpoint's size. */
  readonly size: number;
  /** The moment by which certificates have expired or not. */
  readonly at: IsoUtc;
  /** All that were ever issued. */
  readonly certificates: number;
  /** How many of each kind. */
  readonly by_kind: Readonly<Record<CertificateKind, number>>;
  /** How many are `valid`, `expired` or `revoked` at that moment. */
  readonly by_status: Readonly<Record<CertificateStatus, number>>;
  /** Oldest first, without gaps. */
  readonly by_day: readonly DayStatistics[];
}
