import { parseArgs } from 'node:util';
import type { Command, CommandOptions } from './command';
import { COMMANDS } from './commands';
import { CannotTell } from './verdict';

/** A command line that makes sense. */
export interface CommandLine {
  readonly name: string;
  readonly command: Command;
  readonly files: readonly string[];
  readonly options: CommandOptions;
  readonly keys: readonly string[];
  readonly keyFiles: readonly string[];
}

export const HELP = `usage: ct-verify COMMAND [--key KEY]… [--key-file FILE]… [--json]

Checks offline what the certificate log has signed.

${[...COMMANDS.values()].map(({ synopsis, purpose }) => `  ${synopsis.padEnd(36)}${purpose}`).join('\n')}

  --key KEY        verifier key of the log, as name+keyid+base64; may be repeated
  --key-file FILE  verifier keys, one on each line
  --json           one JSON object on standard output

Without --key and --key-file the keys are taken from CT_VERIFIER_KEYS, with spaces between them.
Exit status: 0 verified, 1 not verified, 2 nothing could be checked.
`;

/** Undefined when help is asked for. @throws CannotTell for a line that makes no sense */
export function parseCommandLine(argv: readonly string[]): CommandLine | undefined {
  const { values, positionals } = parseWords(argv);
  if (values.help === true) return undefined;
  const [name, ...files] = positionals;
  const command = COMMANDS.get(name ?? '');
  if (name === undefined) throw usage('a command is needed');
  if (command === undefined) throw usage('there is no such command');
  if (files.length !== command.files) throw usage(`it is: ct-verify ${command.synopsis}`);
  const { certificate, proof, checkpoint } = values;
  const options: CommandOptions = {
    ...(certificate !== undefined && { certificate }),
    ...(proof !== undefined && { proof }),
    ...(checkpoint !== undefined && { checkpoint }),
  };
  for (const option of ['certificate', 'proof', 'checkpoint'] as const) {
    if (options[option] !== undefined && !command.options.includes(option)) throw usage(`${name} has no --${option}`);
  }
  return { name, command, files, options, keys: values.key ?? [], keyFiles: values['key-file'] ?? [] };
}

function parseWords(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        key: { type: 'string', multiple: true },
        'key-file': { type: 'string', multiple: true },
        certificate: { type: 'string' },
        proof: { type: 'string' },
        checkpoint: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function usage(reason: string): CannotTell {
  return new CannotTell(`${reason} (ct-verify --help)`);
}
