import { Command, CommanderError } from 'commander';
import { Refused } from '../cli/refused';
import { type SecretSource, secretSource } from '../cli/secret-source';
import type { KeyRole } from './passphrases';

export type CeremonyCommand = 'init-root' | 'request-intermediate' | 'issue-intermediate' | 'sign-crl' | 'import';

/** A command line that makes sense. */
export type CommandLine =
  | {
      readonly command: CeremonyCommand;
      readonly config: string;
      readonly rehearsal: boolean;
      readonly sources: Readonly<Record<KeyRole, SecretSource>>;
    }
  | { readonly command: 'inspect'; readonly paths: readonly string[]; readonly json: boolean }
  | { readonly command: 'help'; readonly text: string };

type Values = Readonly<Record<string, string | undefined>>;

const ROLES: Readonly<Record<CeremonyCommand, readonly KeyRole[]>> = {
  'init-root': ['root'],
  'request-intermediate': ['intermediate'],
  'issue-intermediate': ['root', 'intermediate'],
  'sign-crl': ['root'],
  import: ['imported', 'root', 'intermediate'],
};

const PURPOSES: Readonly<Record<CeremonyCommand, string>> = {
  'init-root': 'make a root: key, certificate and first CRL',
  'request-intermediate': 'on the signing host: make a key for an intermediate that stays there, and its request',
  'issue-intermediate': 'make an intermediate below the root, or certify a requested one, for the signing service',
  'sign-crl': "sign the root's next CRL; it revokes what the ceremony file names",
  import: 'take over the CA of easy-rsa or of a folder of PEM files, or say what does not fit',
};

const HELP_END = `
Passphrases are asked for at the terminal unless a file or descriptor gives them; they are never arguments or variables.
Exit status: 0 done, 1 refused or does not fit, 2 the command line or the ceremony file cannot be followed.`;

/** @throws Refused for a line that makes no sense */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  let found: CommandLine | undefined;
  let help = '';
  const program = new Command('pki')
    .description("Offline key ceremony: a root, intermediates below it, and the root's CRL.")
    .addHelpText('after', HELP_END)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => undefined });
  for (const command of Object.keys(ROLES) as CeremonyCommand[]) {
    addCeremony(program, command, (line) => (found = line));
  }
  program
    .command('inspect')
    .description('show certificates, CRLs and key files, and check that transcripts still tell the truth')
    .argument('<path...>', 'files or folders')
    .option('--json', 'as JSON')
    .action((paths: string[], { json }: { json?: boolean }) => {
      found = { command: 'inspect', paths, json: json === true };
    });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { command: 'help', text: help };
    throw new Refused(`${error.message.replace(/^error: /, '').replace(/\.?$/, '.')} (pki --help)`, { cause: error });
  }
  if (found === undefined) throw new Refused('Say what to do. (pki --help)');
  return found;
}

function addCeremony(program: Command, name: CeremonyCommand, found: (line: CommandLine) => void): void {
  const command = program
    .command(name)
    .description(PURPOSES[name])
    .requiredOption('--config <file>', 'the ceremony file')
    .option('--rehearse', 'the same with throw-away keys and marked names, in OUTPUT.rehearsal');
  for (const role of ROLES[name]) {
    command
      .option(`--${role}-passphrase-file <file>`, 'owner-only file with the passphrase')
      .option(`--${role}-passphrase-fd <number>`, 'descriptor to read the passphrase from');
  }
  command.action(({ config, rehearse, ...values }: { config: string; rehearse?: boolean }) =>
    found({ command: name, config, rehearsal: rehearse === true, sources: sourcesOf(values) }),
  );
}

function sourcesOf(values: Values): Readonly<Record<KeyRole, SecretSource>> {
  const source = (role: KeyRole): SecretSource =>
    secretSource({
      file: values[`${role}PassphraseFile`],
      descriptor: values[`${role}PassphraseFd`],
      what: `the passphrase (${role})`,
    });
  return { root: source('root'), intermediate: source('intermediate'), imported: source('imported') };
}
