import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A reader and a crash see the old file or the new one, whole. The mode holds whatever the umask is. */
export async function replaceFile(path: string, content: string | Iterable<string>, mode: number): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w', mode);
    try {
      await file.chmod(mode);
      for (const piece of typeof content === 'string' ? [content] : content) await file.appendFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // A full disk must not stay full of what did not fit.
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
