import { UnitOfWork } from '@libs/database';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { type Limit, refillMs } from './limit';
import { RateLimit } from './rate-limit.entity';

/** What a bucket gave. */
export type Draw =
  | { readonly granted: true }
  /** Milliseconds until it will have that many. */
  | { readonly granted: false; readonly waitMs: number };

/**
 * Token buckets in the database, shared by all replicas. A bucket is kept as the moment at which it will be full again
 * (generic cell rate algorithm): drawing tokens moves that moment on, and is refused when it would lie further ahead than a
 * full bucket allows. One conditional upsert does both, so that concurrent draws never get more than there is.
 */
@Injectable()
export class TokenBuckets {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly dataSource: DataSource,
  ) {}

  /** @param keyHash whose bucket, as 64 hex digits */
  async draw(limit: Limit, keyHash: string, tokens: number, now: Date): Promise<Draw> {
    const nowMs = now.getTime();
    const costMs = Math.ceil(tokens * refillMs(limit));
    const latestMs = nowMs + Math.ceil(limit.burst * refillMs(limit));
    const values = [keyHash, nowMs + costMs, nowMs, costMs, latestMs];
    const drawn = await this.unitOfWork.single((manager) => manager.query<unknown[]>(drawSql(manager), values));
    if (drawn.length > 0) return { granted: true };
    const bucket = await this.dataSource.getRepository(RateLimit).findOneBy({ keyHash });
    const fullAtMs = Math.max(Number(bucket?.fullAtMs ?? nowMs), nowMs);
    return { granted: false, waitMs: Math.max(0, fullAtMs + costMs - latestMs) };
  }

  /** Forgets buckets that are full again. @returns how many */
  async forgetFull(now: Date, batch: number): Promise<number> {
    return this.unitOfWork.single(async (manager) => {
      const full = await manager
        .createQueryBuilder(RateLimit, 'bucket')
        .select('bucket.keyHash')
        .where('bucket.fullAtMs <= :now', { now: now.getTime() })
        .take(batch)
        .getMany();
      if (full.length === 0) return 0;
      const { affected } = await manager
        .createQueryBuilder()
        .delete()
        .from(RateLimit)
        .where('"key_hash" IN (:...keys)', { keys: full.map(({ keyHash }) => keyHash) })
        .andWhere('"full_at_ms" <= :now', { now: now.getTime() })
        .execute();
      return affected ?? 0;
    });
  }
}

/**
 * TypeORM reads the rows that a statement on SQLite returns only if its text does not begin with INSERT: it begins with a
 * line break.
 *
 * Parameters: key, full moment of a new bucket, now, cost, latest full moment allowed.
 */
function drawSql({ connection }: EntityManager): string {
  const isPostgres = connection.options.type === 'postgres';
  const at = (position: number) => (isPostgres ? `$${String(position)}::bigint` : `?${String(position)}`);
  const [fresh, now, cost, latest] = [at(2), at(3), at(4), at(5)];
  const fullAt = `CASE WHEN "rate_limits"."full_at_ms" > ${now} THEN "rate_limits"."full_at_ms" ELSE ${now} END + ${cost}`;
  return `
    INSERT INTO "rate_limits" ("key_hash", "full_at_ms") VALUES (${isPostgres ? '$1' : '?1'}, ${fresh})
    ON CONFLICT ("key_hash") DO UPDATE SET "full_at_ms" = ${fullAt} WHERE ${fullAt} <= ${latest}
    RETURNING "full_at_ms"`;
}
