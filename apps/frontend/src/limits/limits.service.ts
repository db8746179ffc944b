import { Clock } from '@libs/http';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Rounds } from '../issuances/rounds';
import { type Limit, refillMs } from './limit';
import { LimitReached } from './limit-reached';
import { TokenBuckets } from './token-buckets';

/** Tokens that this replica has drawn from a shared bucket and not used yet. */
interface Lease {
  left: number;
  /** They are worth nothing from then on: the bucket would be full again without them. */
  readonly untilMs: number;
}

/** A bucket known to be empty until then: nobody has to ask again. */
type Refusal = number;

/** Drawn at once, so that of the requests of one side most write nothing; what a replica does not use is lost for a while. */
const LEASED_SHARE = 0.1;
const MAX_REMEMBERED = 10_000;
const CLEANING_SECONDS = 60;
const BATCH = 500;

/** Refuses what comes too often from one side: a client's address, a credential, a person. All replicas count together. */
@Injectable()
export class Limits implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly leases = new Map<string, Lease>();
  private readonly refusals = new Map<string, Refusal>();
  private readonly drawing = new Map<string, Promise<void>>();
  private readonly cleaning = new Rounds(new Logger('Limits'), () => this.clean());

  constructor(
    private readonly buckets: TokenBuckets,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.cleaning.every(CLEANING_SECONDS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.cleaning.stop();
  }

  /**
   * Counts one more.
   *
   * @param side whose: an address behind the configured proxies, the id of a credential or person
   * @throws LimitReached when there have been too many
   */
  async take(limit: Limit | undefined, side: string): Promise<void> {
    if (limit === undefined) return;
    const key = keyOf(limit, side);
    for (;;) {
      const nowMs = this.clock.now().getTime();
      this.refuseKnown(key, nowMs);
      if (this.takeLeased(key, nowMs)) return;
      const underWay = this.drawing.get(key);
      if (underWay === undefined) {
        await this.drawOnce(limit, key);
      } else {
        await underWay;
      }
    }
  }

  /**
   * Throws when nothing more would be allowed, and counts nothing: asked before work whose failure alone is counted.
   *
   * @throws LimitReached
   */
  assertOpen(limit: Limit | undefined, side: string): void {
    if (limit !== undefined) this.refuseKnown(keyOf(limit, side), this.clock.now().getTime());
  }

  /** Buckets that are full again say nothing. */
  async clean(): Promise<number> {
    const now = this.clock.now();
    for (const [key, { untilMs }] of this.leases) if (untilMs <= now.getTime()) this.leases.delete(key);
    for (const [key, untilMs] of this.refusals) if (untilMs <= now.getTime()) this.refusals.delete(key);
    let forgotten = 0;
    for (let count = BATCH; count === BATCH; forgotten += count) count = await this.buckets.forgetFull(now, BATCH);
    return forgotten;
  }

  /** Those who come meanwhile wait for what it brings. */
  private async drawOnce(limit: Limit, key: string): Promise<void> {
    const drawing = this.draw(limit, key).finally(() => this.drawing.delete(key));
    this.drawing.set(key, drawing);
    await drawing;
  }

  /** Leaves a lease or a refusal. */
  private async draw(limit: Limit, key: string): Promise<void> {
    const now = this.clock.now();
    const several = Math.max(1, Math.floor(limit.burst * LEASED_SHARE));
    // Near the end there may be one left where there are not that many.
    for (const tokens of new Set([several, 1])) {
      const drawn = await this.buckets.draw(limit, key, tokens, now);
      if (drawn.granted) {
        this.refusals.delete(key);
        const untilMs = now.getTime() + Math.ceil(tokens * refillMs(limit));
        remember(this.leases, key, { left: tokens, untilMs });
        return;
      }
      remember(this.refusals, key, now.getTime() + Math.max(1, drawn.waitMs));
    }
  }

  private takeLeased(key: string, nowMs: number): boolean {
    const lease = this.leases.get(key);
    if (lease === undefined) return false;
    if (lease.left <= 0 || lease.untilMs <= nowMs) {
      this.leases.delete(key);
      return false;
    }
    lease.left -= 1;
    return true;
  }

  private refuseKnown(key: string, nowMs: number): void {
    const untilMs = this.refusals.get(key);
    if (untilMs === undefined) return;
    if (untilMs > nowMs) throw new LimitReached(Math.ceil((untilMs - nowMs) / 1000));
    this.refusals.delete(key);
  }
}

/** Neither addresses nor ids stand in the table. */
function keyOf({ name }: Limit, side: string): string {
  return createHash('sha256').update(`${name}\n${side}`).digest('hex');
}

/** As many as fit: the oldest go first, and cost no more than a question to the database. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  for (const oldest of map.keys()) {
    if (map.size < MAX_REMEMBERED) break;
    map.delete(oldest);
  }
  map.set(key, value);
}
