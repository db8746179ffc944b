import { randomBytes } from 'node:crypto';
import { link, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type LockHolder, hasEnded, lockHolderFrom, thisProcess } from './lock-holder';

/** Far longer than a file takes to write: an older lock does not count, whoever has it. */
const staleAfterMs = 10_000;
const retryAfterMs = 20;

interface FoundLock {
  /** Of this lock and of no other that was or will be at the same path. */
  readonly id: string;
  readonly ageMs: number;
  /** Undefined where the file does not say. */
  readonly holder: LockHolder | undefined;
}

/**
 * Runs `work` while no other process on the same folder does. The lock of a process that died is taken over at once where that
 * can be seen, and by its age where it cannot: by another machine, or from another container.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!(await acquired(path))) await delay(retryAfterMs);
  const ours = await find(path);
  try {
    await removeLeftOvers(path);
    return await work();
  } finally {
    if ((await find(path))?.id === ours?.id) await rm(path, { force: true });
  }
}

/**
 * Who wants to follow a dead holder takes a second lock first, one for this very lock of the dead. As long as somebody has it nobody
 * else can replace the first, so that looking at it once more and replacing it are one step. Whoever dies in between
 * leaves that second lock to be taken over in the same way.
 */
async function acquired(path: string): Promise<boolean> {
  const found = await find(path);
  if (found === undefined) return created(path);
  if (!(await isAbandoned(found))) return false;
  const succession = `${path}.after-${found.id}`;
  if (!(await acquired(succession))) return false;
  if ((await find(path))?.id !== found.id) {
    await rm(succession, { force: true });
    return false;
  }
  await rename(succession, path);
  return true;
}

/** The file is never there without its content. */
async function created(path: string): Promise<boolean> {
  const candidate = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(candidate, JSON.stringify(await thisProcess()), { flag: 'wx', mode: 0o600 });
    await link(candidate, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(candidate, { force: true });
  }
}

async function find(path: string): Promise<FoundLock | undefined> {
  try {
    const file = await open(path);
    try {
      const { ino, mtimeMs } = await file.stat();
      const holder = lockHolderFrom(await file.readFile('utf8'));
      return { id: `${String(ino)}-${String(mtimeMs)}`, ageMs: Date.now() - mtimeMs, holder };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function isAbandoned({ ageMs, holder }: FoundLock): Promise<boolean> {
  return ageMs > staleAfterMs || (holder !== undefined && (await hasEnded(holder)));
}

/** What processes left beside the lock that died while they were about to take it. */
async function removeLeftOvers(path: string): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix)) continue;
    const leftOver = join(dirname(path), name);
    const found = await find(leftOver);
    if (found !== undefined && (await isAbandoned(found))) await rm(leftOver, { force: true });
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
