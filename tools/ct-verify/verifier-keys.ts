import { type Ed25519Verifier, parseVerifierKey, TlogError } from '@libs/tlog';
import { readText } from './input';
import { CannotTell } from './verdict';

/** Where verifier keys may come from. */
export interface KeySources {
  /** Of `--key`. */
  readonly keys: readonly string[];
  /** Of `--key-file`: a key on each line; blank lines and those that begin with `#` are passed over. */
  readonly files: readonly string[];
  /** Of CT_VERIFIER_KEYS, with spaces between the keys. It counts only when the command line has no key. */
  readonly environment: string | undefined;
}

/** @throws CannotTell when there is no key, or one that is malformed */
export async function readVerifierKeys({ keys, files, environment }: KeySources): Promise<Ed25519Verifier[]> {
  const texts = [...keys];
  for (const file of files) texts.push(...keysOfFile(await readText(file)));
  if (keys.length === 0 && files.length === 0) texts.push(...(environment ?? '').split(/\s+/).filter(Boolean));
  if (texts.length === 0) {
    throw new CannotTell("the log's verifier key is needed: give it with --key, --key-file or CT_VERIFIER_KEYS");
  }
  return texts.map(parseKey);
}

function keysOfFile(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

function parseKey(text: string): Ed25519Verifier {
  try {
    return parseVerifierKey(text);
  } catch (error) {
    // The text is not repeated: it may be a private key that was given by mistake.
    if (error instanceof TlogError) throw new CannotTell(`a verifier key is malformed: ${error.message}`);
    throw error;
  }
}
