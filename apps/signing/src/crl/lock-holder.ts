import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** The process that holds a lock, described so that another one can tell whether it still runs. */
export interface LockHolder {
  /** Within which its process id means anything: a machine since it was started, and there a container. */
  readonly host: string;
  readonly pid: number;
  /** When it started, as the kernel counts; a process id is used again, this is not. Null where the kernel does not say. */
  readonly started: string | null;
}

export async function thisProcess(): Promise<LockHolder> {
  return { host: await thisHost(), pid: process.pid, started: (await kernelRecord(process.pid))?.started ?? null };
}

/** The inverse of JSON.stringify; undefined for anything else. */
export function lockHolderFrom(text: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLockHolder(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process has certainly ended; false as well where that cannot be told from here. */
export async function hasEnded({ host, pid, started }: LockHolder): Promise<boolean> {
  if (host !== (await thisHost())) return false;
  if (!exists(pid)) return true;
  const record = await kernelRecord(pid);
  if (record === undefined) return false;
  return record.hasEnded || (started !== null && record.started !== started);
}

async function thisHost(): Promise<string> {
  const known = [
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ];
  return [hostname(), ...(await Promise.all(known))].map((part) => part.trim()).join(' ');
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be sent anything, but it is there.
    return !(typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH');
  }
}

interface KernelRecord {
  /** The process has ended and its parent has not been told yet. */
  readonly hasEnded: boolean;
  readonly started: string;
}

/** From `/proc/<pid>/stat`, proc(5): what follows the name, which may have blanks and brackets, begins with field 3. */
async function kernelRecord(pid: number): Promise<KernelRecord | undefined> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields[0], fields[19]];
  return state === undefined || started === undefined ? undefined : { hasEnded: /^[ZX]$/.test(state), started };
}

function isLockHolder(value: unknown): value is LockHolder {
  if (typeof value !== 'object' || value === null) return false;
  const { host, pid, started } = value as Partial<Record<keyof LockHolder, unknown>>;
  const isPid = typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0;
  return typeof host === 'string' && isPid && (started === null || typeof started === 'string');
}
