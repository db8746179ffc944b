import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Far longer than a file takes to write; an older lock was left by a process that died. */
const staleAfterMs = 10_000;
const retryAfterMs = 20;

/** Runs `work` while no other process on the same folder does. */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!(await acquired(path))) await delay(retryAfterMs);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquired(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if ((await ageOf(path)) > staleAfterMs) await rm(path, { force: true });
    return false;
  }
}

async function ageOf(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
