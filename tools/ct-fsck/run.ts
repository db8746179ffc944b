import { readCheckpointFile } from '../ct-verify/checkpoint-file';
import { readVerifierKeys } from '../ct-verify/verifier-keys';
import { CannotTell, Refuted } from '../ct-verify/verdict';
import { HELP, parseCommandLine } from './command-line';
import { auditEntries, type EntryAuditor } from './entry-audit';
import { fsck, type FsckOptions } from './fsck';
import { printJson, printText } from './report';

/** The world of a run. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Told now and then how far it has got. */
  readonly onProgress?: (entries: number, total: number) => void;
  /** On a thread of its own, for those who have one; `auditEntries` by default. */
  readonly entryAuditor?: EntryAuditor;
}

const CLEAN = 0;
const FINDINGS = 1;
const NOT_CHECKED = 2;

/** `ct-fsck`: answers the exit status. Findings go to standard output, the reason for having none to standard error. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    const line = parseCommandLine(argv);
    if (line.help) {
      surroundings.stdout(HELP);
      return CLEAN;
    }
    const result = await fsck(await optionsOf(line, surroundings));
    surroundings.stdout(line.json ? printJson(result) : printText(result));
    return result.found.total === 0 ? CLEAN : FINDINGS;
  } catch (error) {
    surroundings.stderr(`Nothing could be checked: ${reasonOf(error)}.\n`);
    return NOT_CHECKED;
  }
}

async function optionsOf(
  { checkpoints, keys, keyFiles }: ReturnType<typeof parseCommandLine>,
  { environment, onProgress = () => undefined, entryAuditor = auditEntries }: Surroundings,
): Promise<FsckOptions> {
  const databaseUrl = environment['CT_DATABASE_URL'];
  if (databaseUrl === undefined || databaseUrl === '') throw new CannotTell('CT_DATABASE_URL is missing');
  const verifiers = await readVerifierKeys({ keys, files: keyFiles, environment: environment['CT_VERIFIER_KEYS'] });
  const saved = await Promise.all(
    checkpoints.map(async (path) => ({ path, checkpoint: await readCheckpointFile(path, verifiers) })),
  );
  return { databaseUrl, verifiers, saved, entryAuditor, onProgress };
}

function reasonOf(error: unknown): string {
  if (error instanceof CannotTell || error instanceof Refuted) return error.message;
  const reason = error instanceof Error ? error.message : String(error);
  return reason === '' ? 'the database does not answer' : reason;
}
