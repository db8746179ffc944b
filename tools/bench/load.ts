export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly count: number;
}

/** Keeps `inFlight` operations going for `seconds`, and measures them. The first failure ends it. */
export async function sustain(
  inFlight: number,
  seconds: number,
  operation: (n: number) => Promise<void>,
): Promise<LoadResult> {
  const started = performance.now();
  const end = started + seconds * 1000;
  const durations: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const begun = performance.now();
      await operation(next++);
      durations.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const elapsed = (performance.now() - started) / 1000;
  durations.sort((left, right) => left - right);
  const quantile = (q: number): number =>
    durations[Math.min(durations.length - 1, Math.floor(durations.length * q))] ?? 0;
  return {
    perSecond: durations.length / elapsed,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    count: durations.length,
  };
}
