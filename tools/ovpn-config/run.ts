import { Interrupted } from '../cli/hidden-input';
import { Refused, errorText, printable } from '../cli/refused';
import { type SecretSource, readSecret } from '../cli/secret-source';
import { type CommandLine, type Task, parseCommandLine } from './command-line';
import { list, revoke } from './commands/certificates';
import { getComputerProfile, getProfile, renew } from './commands/profiles';
import { getServerBundle } from './commands/server-bundle';
import { completionScript } from './completion';
import { ExitStatus, Failed } from './failed';
import { type Session, withSession } from './session';
import { settingsOf } from './settings';
import { gatherSettings } from './settings-sources';
import type { Surroundings } from './surroundings';

/** `ovpn-config`: answers the exit status. Nothing that is secret is ever told. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<ExitStatus> {
  try {
    await perform(parseCommandLine(argv), surroundings);
    return ExitStatus.done;
  } catch (error) {
    if (surroundings.signal.aborted || error instanceof Interrupted) return ExitStatus.interrupted;
    surroundings.stderr(`${errorText(error).split('\n').map(printable).join('\n')}\n`);
    if (error instanceof Failed) return error.status;
    return error instanceof Refused ? ExitStatus.file : ExitStatus.unexpected;
  }
}

async function perform({ task, flags, config }: CommandLine, surroundings: Surroundings): Promise<void> {
  if (task.name === 'help') {
    surroundings.stdout(task.text);
    return;
  }
  if (task.name === 'completion') {
    surroundings.stdout(completionScript(task.program, task.shell));
    return;
  }
  const settings = await settingsOf(await gatherSettings(flags, config, surroundings));
  await withSession(settings, surroundings, (session) => carryOut(task, session));
}

async function carryOut(task: Exclude<Task, { name: 'help' | 'completion' }>, session: Session): Promise<void> {
  switch (task.name) {
    case 'profile':
      return getProfile(session, task.target);
    case 'computer-profile':
      return getComputerProfile(session, task.target, () => pskFrom(task.psk, session));
    case 'server-bundle':
      return getServerBundle(session, task.target, () => pskFrom(task.psk, session));
    case 'renew':
      return renew(session, task.profile, task.target);
    case 'revoke':
      return revoke(session, task);
    case 'list':
      return list(session, task);
  }
}

/** Where no flag says where it is, a setting may; else it is asked for. */
function pskFrom(source: SecretSource, { settings, surroundings }: Session): Promise<string> {
  const { pskFile } = settings;
  const chosen: SecretSource =
    source.kind === 'terminal' && pskFile !== undefined ? { kind: 'file', path: pskFile } : source;
  return readSecret(chosen, { what: 'the pre-shared key', isNew: false }, surroundings.terminal);
}
