import { StartError } from '@libs/http';
import { type Stats } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';

const groupAndOthers = 0o077;

/**
 * Refuses a file or folder that another user owns or may touch: whoever can replace the key or read it signs in our name.
 * @throws StartError
 */
export async function assertOwnerOnly(path: string): Promise<void> {
  assertOurs(path, await readable(path, () => stat(path)));
}

function assertOurs(path: string, { mode, uid }: Pick<Stats, 'mode' | 'uid'>): void {
  const ourselves = process.geteuid?.();
  if (ourselves === undefined) return;
  if (uid !== ourselves) {
    throw new StartError(`${path} belongs to another user: it must belong to the one that runs the signing service.`);
  }
  if ((mode & groupAndOthers) !== 0) {
    throw new StartError(`${path} is open to other users (mode ${permissions(mode)}): allow its owner alone.`);
  }
}

/** The text of an owner-only file: what is judged is the file that is read, whatever its name leads to a moment later. */
export async function readOwnerOnly(path: string): Promise<string> {
  const file = await readable(path, () => open(path));
  try {
    assertOurs(path, await file.stat());
    return await readable(path, () => file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

/**
 * The text of a file that must exist.
 * @throws StartError
 */
export async function readText(path: string): Promise<string> {
  return readable(path, () => readFile(path, 'utf8'));
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): StartError {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  const reason = code === 'ENOENT' ? 'is missing' : 'cannot be read';
  return new StartError(`${path} ${reason}.`, { cause });
}

const permissions = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');
