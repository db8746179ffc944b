import { type Clock, SystemClock } from '@libs/http';
import { readFile } from 'node:fs/promises';
import type { HiddenInput } from '../cli/hidden-input';
import { Refused, errorText, printable } from '../cli/refused';
import { Ceremony } from './ceremony';
import { type CeremonyPlan, parsePlan } from './ceremony-plan';
import { type CeremonyCommand, type CommandLine, parseCommandLine } from './command-line';
import { importAuthority } from './commands/import';
import { initRoot } from './commands/init-root';
import { inspect } from './commands/inspect';
import { issueIntermediate } from './commands/issue-intermediate';
import { requestIntermediate } from './commands/request-intermediate';
import { signCrl } from './commands/sign-crl';
import { Passphrases } from './passphrases';

/** The world of a run. */
export interface Surroundings {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Undefined where nobody sits at one. */
  readonly terminal: HiddenInput | undefined;
  readonly clock?: Clock;
}

const COMMANDS: Readonly<Record<CeremonyCommand, (ceremony: Ceremony) => Promise<string>>> = {
  'init-root': initRoot,
  'request-intermediate': requestIntermediate,
  'issue-intermediate': issueIntermediate,
  'sign-crl': signCrl,
  import: importAuthority,
};

type Status = 0 | 1 | 2;

/** `pki`: answers the exit status. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<Status> {
  const refuse = (error: unknown, status: Status): Status => {
    surroundings.stderr(`${errorText(error).split('\n').map(printable).join('\n')}\n`);
    return status;
  };
  let line: CommandLine;
  let plan: CeremonyPlan | undefined;
  try {
    line = parseCommandLine(argv);
    if ('config' in line) plan = parsePlan(await readConfig(line.config), line.config);
  } catch (error) {
    if (error instanceof Refused) return refuse(error, 2);
    throw error;
  }
  try {
    return await perform(line, plan, surroundings);
  } catch (error) {
    return refuse(error, 1);
  }
}

async function perform(
  line: CommandLine,
  plan: CeremonyPlan | undefined,
  { stdout, terminal, clock = new SystemClock() }: Surroundings,
): Promise<Status> {
  if (line.command === 'help') {
    stdout(line.text);
    return 0;
  }
  if (line.command === 'inspect') return inspect(line.paths, { json: line.json, stdout });
  if (plan === undefined) throw new Error('a ceremony without a plan');
  const { rehearsal, sources, command } = line;
  const passphrases = new Passphrases(sources, terminal);
  const ceremony = new Ceremony(command, plan, { clock, passphrases, rehearsal });
  const transcript = await COMMANDS[command](ceremony);
  stdout(await readFile(transcript, 'utf8'));
  stdout(`\nTranscript: ${transcript}\n`);
  return 0;
}

async function readConfig(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Refused(`The ceremony file ${path} cannot be read.`, { cause: error });
  }
}
