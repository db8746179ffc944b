/** How often something may happen: `burst` at once, and from then on `perMinute`. */
export interface Limit {
  /** Part of the key: two limits of the same name share their buckets. */
  readonly name: string;
  readonly perMinute: number;
  readonly burst: number;
}

/** Milliseconds in which a bucket gains one token. */
export function refillMs({ perMinute }: Limit): number {
  return 60_000 / perMinute;
}
