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
  const end = performance.now() + seconds * 1000;
  return measure(inFlight, () => performance.now() < end, operation);
}

/** One operation after the other, `count` of them. */
export async function repeat(count: number, operation: (n: number) => Promise<void>): Promise<LoadResult> {
  let left = count;
  return measure(1, () => left-- > 0, operation);
}

async function measure(
  inFlight: number,
  goesOn: () => boolean,
  operation: (n: number) => Promise<void>,
): Promise<LoadResult> {
  const started = performance.now();
  const durations: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (goesOn()) {
      const begun = performance.now();
      await operation(next++);
      durations.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return summary(durations, (performance.now() - started) / 1000);
}

function summary(durations: number[], elapsedSeconds: number): LoadResult {
  durations.sort((left, right) => left - right);
  const quantile = (q: number): number =>
    durations[Math.min(durations.length - 1, Math.floor(durations.length * q))] ?? 0;
  return {
    perSecond: durations.length / elapsedSeconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    count: durations.length,
  };
}
