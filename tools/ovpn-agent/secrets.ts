import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { Issuer, MalformedDer, MalformedPem, NotAnIssuer, parsePem } from '@libs/pki';
import { type Ed25519Verifier, parseVerifierKey, TlogError } from '@libs/tlog';
import { CannotRun } from './cannot-run';

const OTHERS = constants.S_IRWXG | constants.S_IRWXO;

/** The first line of a file that nobody but its owner may read; or of a pipe, as `/dev/fd/3` is. @throws CannotRun */
export async function readSecret(path: string, what: string): Promise<string> {
  const text = await reading(path, async () => {
    const file = await open(path, 'r');
    try {
      const found = await file.stat();
      if (found.isFile() && (found.mode & OTHERS) !== 0) {
        throw new CannotRun(`${path} may be read by others than its owner: chmod 600 it`);
      }
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  });
  const [line = ''] = text.split(/\r?\n/);
  if (!/^[\x21-\x7e]+$/.test(line)) throw new CannotRun(`${path} does not hold ${what}`);
  return line;
}

/** Verifier keys of one log, a line each. @throws CannotRun */
export async function readLogKeys(path: string): Promise<readonly [Ed25519Verifier, ...Ed25519Verifier[]]> {
  const text = await reading(path, () => readFile(path, 'utf8'));
  const lines = text.split('\n').map((line) => line.trim());
  const [first, ...others] = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => logKey(path, line));
  if (first === undefined) throw new CannotRun(`${path} holds no verifier key of the log`);
  if (others.some(({ name }) => name !== first.name)) throw new CannotRun(`${path} holds keys of several logs`);
  return [first, ...others];
}

/** Certificates of CAs. @throws CannotRun */
export async function readAuthorities(path: string): Promise<readonly Issuer[]> {
  const text = await reading(path, () => readFile(path, 'latin1'));
  try {
    const authorities = parsePem(text).map(({ der }) => Issuer.fromCertificate(der));
    if (authorities.length > 0) return authorities;
  } catch (error) {
    const isKnown = error instanceof MalformedPem || error instanceof MalformedDer || error instanceof NotAnIssuer;
    if (!isKnown) throw error;
    throw new CannotRun(`${path} does not hold certificates of CAs: ${error.message}`);
  }
  throw new CannotRun(`${path} holds no certificate`);
}

export async function readCertificates(path: string): Promise<string> {
  return reading(path, () => readFile(path, 'utf8'));
}

function logKey(path: string, line: string): Ed25519Verifier {
  try {
    return parseVerifierKey(line);
  } catch (error) {
    // The line is not repeated: it may be a private key that was put there by mistake.
    if (error instanceof TlogError) throw new CannotRun(`${path} holds a malformed verifier key: ${error.message}`);
    throw error;
  }
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    throw new CannotRun(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
