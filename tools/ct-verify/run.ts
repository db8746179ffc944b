import { TlogError } from '@libs/tlog';
import { HELP, parseCommandLine } from './command-line';
import { printJson, printText, type Report } from './report';
import { readVerifierKeys } from './verifier-keys';
import { CannotTell, Refuted, type Verification } from './verdict';

/** The world of a run; files are read from the file system. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Told now and then how far a long check has got, and nothing in the end. */
  readonly onProgress?: (text: string) => void;
}

const STATUS: Readonly<Record<Report['verdict'], number>> = { verified: 0, refuted: 1, unknown: 2 };

/** `ct-verify`: answers the exit status. Verdicts go to standard output, what cannot be told to standard error. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const report = await reportOf(argv, surroundings);
  surroundings.onProgress?.('');
  if (report === undefined) {
    surroundings.stdout(HELP);
    return 0;
  }
  if (argv.includes('--json')) surroundings.stdout(printJson(report));
  else if (report.verdict === 'unknown') surroundings.stderr(printText(report));
  else surroundings.stdout(printText(report));
  return STATUS[report.verdict];
}

async function reportOf(argv: readonly string[], surroundings: Surroundings): Promise<Report | undefined> {
  try {
    const verification = await verify(argv, surroundings);
    return verification && { verdict: 'verified', verification };
  } catch (error) {
    if (error instanceof Refuted || error instanceof TlogError) {
      return { verdict: 'refuted', code: error.code, message: error.message };
    }
    if (error instanceof CannotTell) return { verdict: 'unknown', message: error.message };
    return {
      verdict: 'unknown',
      message: `unexpected error: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

async function verify(argv: readonly string[], surroundings: Surroundings): Promise<Verification | undefined> {
  const line = parseCommandLine(argv);
  if (line === undefined) return undefined;
  const { command, files, options, keys, keyFiles } = line;
  const environment = surroundings.environment['CT_VERIFIER_KEYS'];
  const verifiers = await readVerifierKeys({ keys, files: keyFiles, environment });
  return command.run({ files, options, verifiers, onProgress: surroundings.onProgress ?? (() => undefined) });
}
