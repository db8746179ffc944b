import { generateNoteKey, printVerifierKey } from '@libs/tlog';
import { writeFileSync } from 'node:fs';

/** `npm run ct:keygen -- ORIGIN FILE`: the log's checkpoint key into an owner-only file, its verifier key to standard output. */
function keygen(origin: string | undefined, file: string | undefined): string {
  if (origin === undefined || file === undefined) {
    throw new Error(
      'Say the origin of the log and the file for its key: npm run ct:keygen -- log.example.org/vpn checkpoint.key',
    );
  }
  const key = generateNoteKey(origin);
  writeFileSync(file, `${key.printPrivateKey()}\n`, { mode: 0o600, flag: 'wx' });
  return printVerifierKey(key.verifier);
}

try {
  process.stdout.write(`${keygen(process.argv[2], process.argv[3])}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
