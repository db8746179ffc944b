import { StartError } from '@libs/http';
import { readFile, stat } from 'node:fs/promises';

const groupAndOthers = 0o077;

/**
 * Refuses a file or folder that another user owns or may touch: whoever can replace the key or read it signs in our name.
 * @throws StartError
 */
export async function assertOwnerOnly(path: string): Promise<void> {
  const { mode, uid } = await statOf(path);
  const ourselves = process.geteuid?.();
  if (ourselves === undefined) return;
  if (uid !== ourselves) {
    throw new StartError(`${path} belongs to another user: it must belong to the one that runs the signing service.`);
  }
  if ((mode & groupAndOthers) !== 0) {
    throw new StartError(`${path} is open to other users (mode ${permissions(mode)}): allow its owner alone.`);
  }
}

/** The text of an owner-only file. */
export async function readOwnerOnly(path: string): Promise<string> {
  await assertOwnerOnly(path);
  return readText(path);
}

/**
 * The text of a file that must exist.
 * @throws StartError
 */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function statOf(path: string) {
  try {
    return await stat(path);
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
