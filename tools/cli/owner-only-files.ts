import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, basename } from 'node:path';
import { Refused, codeOf } from './refused';

const OTHERS = 0o077;

const OWNER_ONLY = 0o600;

/** Creates a file that is not there yet: owner-only unless told otherwise, and on the disk when this returns. */
export async function createFile(path: string, content: string | Uint8Array, mode = OWNER_ONLY): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(content);
    // Whatever the umask takes away: who may read it is decided here.
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Creates an owner-only folder, and those above it. */
export async function createFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** Makes new and renamed entries of a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Puts a whole file into its place, owner-only unless told otherwise: readers and a crash see the old one, the new one or none, never a part.
 * @throws Refused when there is a file and `overwrite` does not allow to replace it
 */
export async function putFile(
  path: string,
  content: string | Uint8Array,
  options: { readonly overwrite: boolean; readonly mode?: number },
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    await createFile(temporary, content, options.mode);
    // A link, unlike a rename, fails where there is something already.
    if (options.overwrite) await rename(temporary, path);
    else await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST')
      throw new Refused(`${path} is there already: nothing is overwritten.`, { cause: error });
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
}

/** @throws Refused when the file or folder belongs to somebody else or is open to others */
export async function assertOwnerOnly(path: string): Promise<void> {
  judge(path, await stat(path));
}

/**
 * The text of a file that only its owner can read. What is judged is what is read: the file cannot be exchanged in between.
 * @throws Refused
 */
export async function readOwnerOnlyFile(path: string, longest: number): Promise<string> {
  const file = await openForReading(path);
  try {
    judge(path, await file.stat());
    const { buffer, bytesRead } = await file.read(Buffer.alloc(longest + 1), 0, longest + 1, 0);
    if (bytesRead > longest) throw new Refused(`${path} is too long.`);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw new Refused(`${path} ${codeOf(error) === 'ENOENT' ? 'is missing' : 'cannot be read'}.`, { cause: error });
  }
}

function judge(path: string, { uid, mode }: { readonly uid: number; readonly mode: number }): void {
  const ourselves = process.geteuid?.();
  if (ourselves === undefined) return;
  if (uid !== ourselves) throw new Refused(`${path} belongs to another user.`);
  if ((mode & OTHERS) !== 0) {
    throw new Refused(`${path} is open to other users (mode ${(mode & 0o777).toString(8)}): allow its owner alone.`);
  }
}
