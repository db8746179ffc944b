import { setTimeout as sleep } from 'node:timers/promises';
import type { AppendedEntry, LogEntry } from '@libs/contracts';
import { Pool } from 'undici';
import { WRITER_KEY } from '../../../apps/certtransparency/test/log-fixture';

const RETRY_MS = 20;

/** What a caller that does not give up has been promised. */
export interface Acknowledged {
  readonly entry: LogEntry;
  readonly index: number;
  readonly receipt: string;
}

/** A client of several replicas that submits each entry until one of them acknowledges it. */
export class Submissions {
  readonly acknowledged: Acknowledged[] = [];
  /** Answers other than an acknowledgement, and connections that broke, by what they were. */
  readonly refusals = new Map<string, number>();
  private readonly pools: Pool[];

  constructor(replicaUrls: readonly string[]) {
    this.pools = replicaUrls.map((url) => new Pool(url, { connections: 32 }));
  }

  /** Submits what `next` makes until it makes no more, so many at a time. */
  async run(inFlight: number, next: () => Promise<LogEntry | undefined>): Promise<void> {
    await Promise.all(Array.from({ length: inFlight }, (_, i) => this.work(i, next)));
  }

  async close(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.destroy()));
  }

  private async work(first: number, next: () => Promise<LogEntry | undefined>): Promise<void> {
    let turn = first;
    for (let entry = await next(); entry !== undefined; entry = await next()) {
      let answer = await this.submit(turn, entry);
      while (answer === undefined) {
        await sleep(RETRY_MS);
        answer = await this.submit((turn += 1), entry);
      }
      this.acknowledged.push({ entry, index: answer.index, receipt: answer.receipt });
    }
  }

  private async submit(turn: number, entry: LogEntry): Promise<AppendedEntry | undefined> {
    try {
      const { statusCode, body } = await this.pool(turn).request({
        method: 'POST',
        path: '/api/v1/entries',
        headers: { authorization: `Bearer ${WRITER_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(entry),
        headersTimeout: 30_000,
      });
      const answer = (await body.json()) as AppendedEntry & { readonly code?: string };
      if (statusCode === 200 || statusCode === 201) return answer;
      this.count(`${String(statusCode)} ${answer.code ?? ''}`);
    } catch (error) {
      this.count(error instanceof Error && 'code' in error ? String(error.code) : String(error));
    }
    return undefined;
  }

  private pool(turn: number): Pool {
    const pool = this.pools[turn % this.pools.length];
    if (pool === undefined) throw new Error('there is no replica');
    return pool;
  }

  private count(refusal: string): void {
    this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1);
  }
}
