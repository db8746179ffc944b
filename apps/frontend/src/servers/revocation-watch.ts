import { LogReader } from '@libs/contracts';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';

/** From one look at the log to the next while somebody waits. */
const LOOK_EVERY_MS = 400;
const PATIENCE_MS = 5_000;
/** Whoever comes when so many wait is answered at once. */
const MAX_WAITING = 5_000;
const LIMIT = 1_000;

interface Waiting {
  readonly since: number;
  readonly wake: (seenAt: number | undefined) => void;
}

/** What has been seen of the log: its revocations from one index up to, not including, another. */
interface Seen {
  readonly from: number;
  readonly to: number;
  /** Index of the newest revocation; -1 when there was none. */
  readonly newest: number;
  /** Time of the last look (`performance.now()`). */
  readonly at: number;
}

/**
 * Lets agents wait for the next revocation. One look at the log serves all of them, and nobody looks while nobody waits, so
 * that a thousand agents cost the log as much as one.
 */
@Injectable()
export class RevocationWatch implements OnModuleDestroy {
  private readonly logger = new Logger('RevocationWatch');
  private readonly waiting = new Set<Waiting>();
  private isStopped = false;
  private seen: Seen | undefined;
  private isLooking = false;
  private isBlind = false;

  constructor(private readonly log: LogReader) {}

  /**
   * Waits until the log has a revocation at or after `since`, the time is up, or the signal is given. Who is further behind
   * than what has been looked at does not wait.
   * @returns the time (`performance.now()`) at which a revocation was seen; undefined when none was
   */
  async next(since: number, milliseconds: number, signal: AbortSignal): Promise<number | undefined> {
    const mayWait = !this.isStopped && !signal.aborted && milliseconds > 0 && this.waiting.size < MAX_WAITING;
    if (!mayWait) return undefined;
    if (this.seen !== undefined && isBehind(since, this.seen)) return this.seen.at;
    return new Promise((resolve) => {
      const wake = (seenAt: number | undefined) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.waiting.delete(waiting);
        resolve(seenAt);
      };
      const end = () => {
        wake(undefined);
      };
      const waiting: Waiting = { since, wake };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener('abort', end, { once: true });
      this.waiting.add(waiting);
      void this.look();
    });
  }

  /** Requests that wait are answered, so that the service ends without them. */
  onModuleDestroy(): void {
    this.isStopped = true;
    for (const { wake } of [...this.waiting]) wake(undefined);
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    while (this.waiting.size > 0) {
      const isComplete = await this.tryToLook();
      if (isComplete) await delay(LOOK_EVERY_MS, undefined, { ref: false });
    }
    this.isLooking = false;
  }

  /** @returns whether all there is has been looked at, or nothing could be */
  private async tryToLook(): Promise<boolean> {
    try {
      const isComplete = await this.lookOnce();
      this.isBlind = false;
      return isComplete;
    } catch (error) {
      if (!this.isBlind) this.logger.warn({ msg: 'log not asked for revocations', err: error });
      this.isBlind = true;
      return true;
    }
  }

  private async lookOnce(): Promise<boolean> {
    const at = performance.now();
    const lowest = Math.min(...[...this.waiting].map(({ since }) => since));
    const { from, to, newest } = this.seen ?? { from: lowest, to: lowest, newest: -1 };
    const { items, complete, next_since } = await this.log.revocations(
      { since: to, limit: LIMIT },
      { timeoutMs: PATIENCE_MS },
    );
    const seen = { from, to: next_since, newest: items.at(-1)?.index ?? newest, at };
    this.seen = seen;
    for (const { since, wake } of [...this.waiting]) if (isBehind(since, seen)) wake(at);
    return complete;
  }
}

function isBehind(since: number, { from, newest }: Seen): boolean {
  return since < from || since <= newest;
}
