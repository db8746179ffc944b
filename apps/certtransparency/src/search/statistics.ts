import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { LogStatistics, StatisticsRequest } from '@libs/contracts';
import { Clock } from '@libs/http';
import { LogDatabase } from '../database/log-database';
import { Proofs } from '../proofs/proofs.service';
import { DAY_MS, HOUR_MS, Tally } from './tally';

/** Entries that one statement counts: some tens of milliseconds. */
const STRIDE = 50_000;
const DEFAULT_DAYS = 30;

const COUNT = `
  SELECT kind::integer, ${numberOf('logged_at', DAY_MS)} AS day, ${numberOf('not_after', HOUR_MS)} AS expiry_hour, count(*)::integer AS count
  FROM ct.certificate WHERE idx >= $1 AND idx < $2 GROUP BY 1, 2, 3
  UNION ALL
  SELECT NULL, ${numberOf('r.logged_at', DAY_MS)}, ${numberOf('c.not_after', HOUR_MS)}, count(*)::integer
  FROM ct.revocation r JOIN ct.certificate c ON c.fingerprint = r.fingerprint
  WHERE r.idx >= $1 AND r.idx < $2 GROUP BY 2, 3`;

const EXPIRED_BETWEEN = `
  SELECT count(*)::integer AS count FROM ct.certificate c
  WHERE c.not_after >= $1 AND c.not_after <= $2 AND c.idx < $3
    AND NOT EXISTS (SELECT FROM ct.revocation r WHERE r.fingerprint = c.fingerprint AND r.idx < $3)`;

interface CountRow extends Record<string, unknown> {
  readonly kind: number | null;
  readonly day: number;
  readonly expiry_hour: number;
  readonly count: number;
}

interface ExpiredRow extends Record<string, unknown> {
  readonly count: number;
}

interface Counted {
  readonly size: number;
  readonly tally: Tally;
}

/**
 * Counts what the log holds by walking along it once: entries never change, so a sum over the first of them stays right,
 * and the next question only has to add what was appended since. Nothing is kept up at every append, and nothing is
 * stored; a process that has just started counts in the background.
 */
@Injectable()
export class Statistics implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Statistics.name);
  private counted: Counted = { size: 0, tally: new Tally() };
  private counting: Promise<Counted> | undefined;
  private stopping = false;

  constructor(
    private readonly database: LogDatabase,
    private readonly proofs: Proofs,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.count().catch((error: unknown) => {
      // The first question tries again.
      if (!this.stopping) this.logger.warn({ msg: 'not counted', err: error });
    });
  }

  onApplicationShutdown(): void {
    this.stopping = true;
  }

  async read({ days = DEFAULT_DAYS }: StatisticsRequest): Promise<LogStatistics> {
    const { size, tally } = await this.count();
    const now = this.clock.now();
    const today = Math.floor(now.getTime() / DAY_MS);
    const { certificates, revocations } = tally;
    const counted = { size, at: now.toISOString(), certificates, by_kind: tally.byKind() };
    const byDay = tally.byDay(days, today);
    const hour = Math.floor(now.getTime() / HOUR_MS);
    const expired = tally.expiredBefore(hour) + (await this.expiredSince(hour, now, size));
    const byStatus = { valid: certificates - revocations - expired, expired, revoked: revocations };
    return { ...counted, by_status: byStatus, by_day: byDay };
  }

  /** One walk at a time; whoever asks meanwhile waits for the same. */
  private async count(): Promise<Counted> {
    this.counting ??= this.walk().finally(() => (this.counting = undefined));
    return this.counting;
  }

  private async walk(): Promise<Counted> {
    const { size } = await this.proofs.checkpoint();
    // Another log than the one that was counted.
    if (size < this.counted.size) this.counted = { size: 0, tally: new Tally() };
    while (this.counted.size < size && !this.stopping) {
      const end = Math.min(size, this.counted.size + STRIDE);
      const rows = await this.database.rows<CountRow>(COUNT, [this.counted.size, end]);
      const { tally } = this.counted;
      for (const { kind, day, expiry_hour: expiryHour, count } of rows) tally.add({ kind, day, expiryHour, count });
      this.counted = { size: end, tally };
    }
    return this.counted;
  }

  /** Within the hour that is not over. */
  private async expiredSince(hour: number, now: Date, size: number): Promise<number> {
    const row = await this.database.row<ExpiredRow>(EXPIRED_BETWEEN, [new Date(hour * HOUR_MS), now, size]);
    return row?.count ?? 0;
  }
}

/** The number of a day or an hour since 1970, whatever the session's time zone. */
function numberOf(column: string, length: number): string {
  return `floor(extract(epoch FROM ${column}) / ${String(length / 1000)})::integer`;
}
