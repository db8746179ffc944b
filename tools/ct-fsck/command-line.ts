import { parseArgs } from 'node:util';
import { CannotTell } from '../ct-verify/verdict';

export interface CommandLine {
  readonly checkpoints: readonly string[];
  readonly keys: readonly string[];
  readonly keyFiles: readonly string[];
  readonly json: boolean;
  readonly help: boolean;
}

export const HELP = `usage: ct-fsck [--checkpoint FILE]… [--key KEY]… [--key-file FILE]… [--json]

Reads the certificate log's database from the first entry to the last and makes everything anew that was derived from it:
hashes, tree, tiles, checkpoints, what is searched, and the commitments of private contexts.

  --checkpoint FILE  a checkpoint that was kept elsewhere: the log must extend it. Without one, a log whose end was cut
                     off, or that was rewritten with its own key, looks sound. May be repeated
  --key KEY          verifier key of the log, as name+keyid+base64; may be repeated
  --key-file FILE    verifier keys, one on each line
  --json             one JSON object on standard output

The database is the one of CT_DATABASE_URL, as any role that may read it: ct_reader, or ct_auditor for private contexts as
well. Without --key and --key-file the keys are taken from CT_VERIFIER_KEYS, with spaces between them.
Exit status: 0 clean, 1 findings, 2 nothing could be checked.
`;

/** @throws CannotTell for a line that makes no sense */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        checkpoint: { type: 'string', multiple: true },
        key: { type: 'string', multiple: true },
        'key-file': { type: 'string', multiple: true },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return {
      checkpoints: values.checkpoint ?? [],
      keys: values.key ?? [],
      keyFiles: values['key-file'] ?? [],
      json: values.json ?? false,
      help: values.help ?? false,
    };
  } catch (error) {
    throw new CannotTell(`${error instanceof Error ? error.message : String(error)} (ct-fsck --help)`);
  }
}
