import { parseArgs } from 'node:util';

export interface SigningBenchOptions {
  /** Of every measured round. */
  readonly seconds: number;
  /** How often each is measured; the median is reported. */
  readonly rounds: number;
  /** Revoked certificates of the CRLs that are built, ascending. */
  readonly revoked: readonly number[];
  readonly parts: readonly Part[];
}

const PARTS = ['issuing', 'crl'] as const;
type Part = (typeof PARTS)[number];

const USAGE = `usage: npm run bench:signing -- [--quick] [--only issuing|crl]

  --quick        short rounds and small CRLs, to see whether it works: the figures mean little
  --only PART    certificates alone, or CRLs alone
`;

const FULL = { seconds: 6, rounds: 3, revoked: [1_000, 10_000, 100_000, 300_000] };
const QUICK = { seconds: 1, rounds: 1, revoked: [1_000, 10_000] };

/** Undefined, once it has told how it should be, for a command line that makes no sense. */
export function readOptions(argv: readonly string[]): SigningBenchOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { quick: { type: 'boolean' }, only: { type: 'string' } },
    });
    const parts = PARTS.filter((part) => values.only === undefined || values.only === part);
    if (parts.length === 0) throw new Error('--only is issuing or crl');
    return { ...(values.quick === true ? QUICK : FULL), parts };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return undefined;
  }
}
