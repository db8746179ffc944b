import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Of the large log. */
  readonly entries: number;
  /** Of the log that searches are measured on besides. */
  readonly fewerEntries: number;
  /** Of every measured round, and of the one before the first. */
  readonly seconds: number;
  /** How often appends are measured; the median is reported. */
  readonly rounds: number;
  /** And searches. */
  readonly searchRounds: number;
  /** Requests in a round, for each filter. */
  readonly searches: number;
  /** Where appending processes leave CPU profiles. */
  readonly profileFolder: string | undefined;
}

const USAGE = `usage: npm run bench:log -- [--quick] [--entries N] [--profile FOLDER]

  --quick           small logs and short rounds, to see whether it works: the figures mean little
  --entries N       entries of the large log, 1000000 by default
  --profile FOLDER  CPU profiles of the appending processes, for Chrome's developer tools
`;

const FULL = { entries: 1_000_000, fewerEntries: 100_000, seconds: 4, rounds: 5, searchRounds: 3, searches: 300 };
const QUICK = { entries: 20_000, fewerEntries: 5_000, seconds: 1, rounds: 1, searchRounds: 1, searches: 20 };

/** Undefined, once it has told how it should be, for a command line that makes no sense. */
export function readOptions(argv: readonly string[]): BenchOptions | undefined {
  try {
    return parseOptions(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return undefined;
  }
}

function parseOptions(argv: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: { quick: { type: 'boolean' }, entries: { type: 'string' }, profile: { type: 'string' } },
  });
  const defaults = values.quick === true ? QUICK : FULL;
  const entries = Number(values.entries ?? defaults.entries);
  if (!Number.isSafeInteger(entries) || entries < 1_000) throw new Error('--entries must be a number from 1000 on');
  return { ...defaults, entries, profileFolder: values.profile };
}
