import { keyAlgorithms } from '@libs/pki';
import { Command, CommanderError, Option } from 'commander';
import type { SecretSource } from '../cli/secret-source';
import { secretSource } from '../cli/secret-source';
import { Refused } from '../cli/refused';
import type { Target } from './commands/target';
import { type Shell, SHELLS } from './completion';
import { ExitStatus, Failed } from './failed';
import type { RawSettings } from './settings-sources';

/** What is to be done, and what the flags say about how. */
export type Task =
  | { readonly name: 'profile'; readonly target: Target }
  | { readonly name: 'computer-profile' | 'server-bundle'; readonly target: Target; readonly psk: SecretSource }
  | { readonly name: 'renew'; readonly profile: string; readonly target: Target }
  | { readonly name: 'revoke'; readonly which: string | undefined; readonly reason: string | undefined }
  | { readonly name: 'list'; readonly json: boolean }
  | { readonly name: 'completion'; readonly shell: Shell; readonly program: Command }
  | { readonly name: 'help'; readonly text: string };

export interface CommandLine {
  readonly task: Task;
  readonly flags: RawSettings;
  /** A settings file in the place of the user's. */
  readonly config: string | undefined;
}

/** Every flag of every command; commander gives those that it was told. */
interface Flags {
  readonly config?: string;
  readonly url?: string;
  readonly caFile?: string;
  readonly timeout?: string;
  readonly logKey?: string[];
  readonly logKeyFile?: string[];
  readonly login?: string;
  readonly key?: string;
  readonly deviceName?: string;
  readonly option?: string[];
  readonly pskFile?: string;
  readonly pskFd?: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly ifExpiresWithin?: string;
  readonly reason?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

const REASONS = ['unspecified', 'key_compromise', 'superseded', 'cessation_of_operation'] as const;

const HELP_END = `
Settings: flags, then variables (OVPN_CONFIG_URL, …), then ~/.config/ovpn-config/config.yaml, then /etc/ovpn-config/config.yaml.
Exit status: 0 done, 1 unexpected, 2 usage or settings, 3 not signed in, 4 refused, 5 not reachable, 6 not proven, 7 file,
130 interrupted.`;

/** @throws Failed for a line that makes no sense */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  let found: CommandLine | undefined;
  let help = '';
  const program = new Command('ovpn-config')
    .description('Fetches OpenVPN profiles and server bundles; private keys are made here and stay here.')
    .addHelpText('after', HELP_END)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => undefined });
  const done = (task: Task, flags: Flags = {}): void => {
    found = { task, flags: rawSettings(flags), config: flags.config };
  };
  addGet(program, done);
  addRenew(program, done);
  addCertificates(program, done);
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(program.createArgument('<shell>').choices(SHELLS))
    .action((shell: Shell) => done({ name: 'completion', shell, program }));
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0)
      return { task: { name: 'help', text: help }, flags: {}, config: undefined };
    throw usage(error);
  }
  if (found === undefined) throw new Failed(ExitStatus.usage, 'Say what to do. (ovpn-config --help)');
  return found;
}

type Done = (task: Task, flags?: Flags) => void;

function addGet(program: Command, done: Done): void {
  const get = program.command('get').description('make a key, have it certified, and write what OpenVPN needs');
  const profile = get.command('profile').description('a profile for you; you sign in');
  withLogin(withTarget(profile, 'profile.ovpn'))
    .option('--option <id>', 'an option of the profile; may be repeated', collect)
    .option('--device-name <name>', 'what your list of certificates calls this device')
    .action((flags: Flags) => done({ name: 'profile', target: targetOf(flags, 'profile.ovpn') }, flags));
  for (const [name, output, what] of [
    ['server-bundle', 'server', "a server's files, in a folder or, for a name in .tar.gz, an archive"],
    ['computer-profile', 'computer.ovpn', 'a profile for a machine that nobody sits at'],
  ] as const) {
    withTarget(get.command(name).description(what), output)
      .option('--psk-file <file>', 'owner-only file with the pre-shared key')
      .option('--psk-fd <number>', 'descriptor to read the pre-shared key from')
      .action((flags: Flags) => done({ name, target: targetOf(flags, output), psk: pskSource(flags) }, flags));
  }
}

function addRenew(program: Command, done: Done): void {
  const renew = program
    .command('renew')
    .description('the successor of a profile; the old one works on for some days')
    .argument('<profile>', 'an .ovpn file');
  withLogin(withTarget(renew, 'the same file')).action((profile: string, flags: Flags) =>
    done({ name: 'renew', profile, target: targetOf(flags, profile) }, flags),
  );
}

function addCertificates(program: Command, done: Done): void {
  const revoke = program
    .command('revoke')
    .description('end a certificate of yours, for good')
    .argument('[which]', 'an .ovpn file, a fingerprint, or the beginning of one')
    .option('--all', 'all of your certificates')
    .addOption(new Option('--reason <reason>', 'why').choices(REASONS));
  withLogin(withConnection(revoke)).action((which: string | undefined, flags: Flags) => {
    if ((which === undefined) !== (flags.all === true)) {
      throw new Failed(ExitStatus.usage, 'Say which certificate to revoke, or --all. (ovpn-config revoke --help)');
    }
    done({ name: 'revoke', which, reason: flags.reason }, flags);
  });
  const list = program.command('list').description('your certificates').option('--json', 'as JSON');
  withLogin(withConnection(list)).action((flags: Flags) => done({ name: 'list', json: flags.json === true }, flags));
}

function withConnection(command: Command): Command {
  return command
    .option('--config <file>', "settings file in the place of the user's")
    .option('--url <url>', 'where the frontend is')
    .option('--ca-file <file>', 'certificates in PEM to trust besides the usual ones')
    .option('--timeout <seconds>', 'of each request');
}

function withTarget(command: Command, output: string): Command {
  return withConnection(command)
    .option('-o, --output <path>', `where to write it, - for standard output (default: ${output})`)
    .option('--force', 'overwrite what is there')
    .option('--if-expires-within <days>', 'do nothing while what is there is good for longer, else replace it')
    .option('--log-key <key>', 'verifier key of the certificate log; may be repeated', collect)
    .option('--log-key-file <file>', 'verifier keys, one on each line; may be repeated', collect)
    .addOption(new Option('--key <algorithm>', 'of the private key').choices(keyAlgorithms));
}

function withLogin(command: Command): Command {
  return command.addOption(
    new Option('--login <how>', 'browser on this machine, or device: a code to type elsewhere').choices([
      'browser',
      'device',
    ]),
  );
}

const collect = (value: string, all: string[] = []): string[] => [...all, value];

const LONGEST_DAYS = 3660;

function targetOf({ output = '', force = false, ifExpiresWithin }: Flags, fallback: string): Target {
  const days = ifExpiresWithin === undefined ? undefined : Number(ifExpiresWithin);
  if (days !== undefined && !(Number.isInteger(days) && days >= 0 && days <= LONGEST_DAYS)) {
    throw new Failed(ExitStatus.usage, `--if-expires-within needs days, ${LONGEST_DAYS} at most.`);
  }
  return { output: output === '' ? fallback : output, force, ifExpiresWithinDays: days };
}

function pskSource({ pskFile, pskFd }: Flags): SecretSource {
  return secretSource({ file: pskFile, descriptor: pskFd, what: 'the pre-shared key' });
}

function rawSettings(flags: Flags): RawSettings {
  const { url, caFile, timeout, logKey, logKeyFile, login, key, deviceName, option } = flags;
  const one = (value: string | undefined): readonly string[] | undefined => (value === undefined ? undefined : [value]);
  const all = {
    url: one(url),
    ca_file: one(caFile),
    timeout_seconds: one(timeout),
    log_keys: logKey,
    log_key_file: logKeyFile,
    login: one(login),
    key: one(key),
    device_name: one(deviceName),
    options: option,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function usage(error: unknown): unknown {
  if (error instanceof Failed) return error;
  if (error instanceof Refused) return new Failed(ExitStatus.usage, error.message);
  if (!(error instanceof CommanderError)) return error;
  const text = error.message.replace(/^error: /, '').replace(/\.?$/, '.');
  return new Failed(ExitStatus.usage, `${text} (ovpn-config --help)`, { cause: error });
}
