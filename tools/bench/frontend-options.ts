import { parseArgs } from 'node:util';

export interface FrontendBenchOptions {
  /** Entries of the log that is searched. */
  readonly entries: number;
  readonly psks: number;
  readonly rounds: number;
  /** Of each round. */
  readonly seconds: number;
}

const USAGE = `usage: npm run bench:frontend -- [--quick] [--entries N]

  --quick      a small log and short rounds, to see whether it works: the figures mean little
  --entries N  entries of the log, 1000000 by default
`;

const FULL: FrontendBenchOptions = { entries: 1_000_000, psks: 10_000, rounds: 3, seconds: 6 };
const QUICK: FrontendBenchOptions = { entries: 20_000, psks: 1_000, rounds: 1, seconds: 2 };

/** Undefined, once it has told how it should be, for a command line that makes no sense. */
export function readOptions(argv: readonly string[]): FrontendBenchOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { quick: { type: 'boolean' }, entries: { type: 'string' } },
    });
    const defaults = values.quick === true ? QUICK : FULL;
    const entries = Number(values.entries ?? defaults.entries);
    if (!Number.isSafeInteger(entries) || entries < 1_000) throw new Error('--entries must be a number from 1000 on');
    return { ...defaults, entries };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return undefined;
  }
}
