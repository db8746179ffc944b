import { IdempotencyKeyReused, TooManyIssuances } from './issuance.errors';

interface Running<T> {
  readonly digest: string;
  readonly result: Promise<T>;
}

/**
 * Work in progress, by idempotency key: the same request under the same key joins the one that runs, another request under that
 * key is refused, and beyond `limit` nothing is begun, so that no queue grows.
 */
export class InFlight<T> {
  private readonly running = new Map<string, Running<T>>();

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.running.size;
  }

  /** @throws IdempotencyKeyReused, TooManyIssuances, and whatever `work` throws */
  async run(key: string, digest: string, work: () => Promise<T>): Promise<T> {
    const current = this.running.get(key);
    if (current !== undefined) {
      if (current.digest !== digest) throw new IdempotencyKeyReused();
      return current.result;
    }
    if (this.running.size >= this.limit) throw new TooManyIssuances();
    const result = work();
    this.running.set(key, { digest, result });
    try {
      return await result;
    } finally {
      this.running.delete(key);
    }
  }
}
