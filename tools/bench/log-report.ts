import { loadavg } from 'node:os';

/** A figure that is held against another one: which, and this one's part of it. */
interface Comparison {
  readonly vs: number;
}

/** The figures of a run: told as they come, on standard error, and at the end as lines of JSON on standard output. */
export class Report {
  private readonly lines: string[] = [];
  private readonly values = new Map<string, number>();

  figure(name: string, value: number, unit: string, comparison?: Comparison): void {
    const compared = comparison && { vs: rounded(comparison.vs), ratio: rounded(value / comparison.vs) };
    const line = JSON.stringify({ name, value: rounded(value), unit, ...compared });
    this.lines.push(line);
    this.values.set(name, value);
    progress(line);
  }

  /** A figure that has been told. */
  value(name: string): number {
    const value = this.values.get(name);
    if (value === undefined) throw new Error(`there is no figure ${name}`);
    return value;
  }

  print(): void {
    for (const line of this.lines) process.stdout.write(`${line}\n`);
  }
}

/** With the load of the machine: others may be at work on it. */
export function progress(text: string): void {
  const [load = 0] = loadavg();
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} load ${load.toFixed(1)}  ${text}\n`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Three digits say all that a measurement can. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
