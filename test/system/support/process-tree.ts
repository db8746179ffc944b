import { readdirSync, readFileSync } from 'node:fs';

/** A process by number and start time, since numbers are used again. */
export interface ProcessId {
  readonly pid: number;
  readonly startedAt: string;
  readonly command: string;
}

/** A process and all that it started, however deep. */
export function processTree(root: number): ProcessId[] {
  const parents = new Map<number, ProcessId & { readonly parent: number }>();
  for (const pid of allPids()) {
    const found = read(pid);
    if (found) parents.set(pid, found);
  }
  const tree = [root];
  for (const pid of tree) {
    for (const [child, { parent }] of parents) if (parent === pid) tree.push(child);
  }
  return tree.flatMap((pid) => parents.get(pid) ?? []);
}

export function stillRunning(processes: readonly ProcessId[]): ProcessId[] {
  return processes.filter(({ pid, startedAt }) => read(pid)?.startedAt === startedAt);
}

/** Processes in whose environment or command line a text stands, such as the path of a folder that only they know. */
export function processesNaming(text: string): ProcessId[] {
  return allPids().flatMap((pid) => {
    const names = readOrEmpty(`/proc/${String(pid)}/environ`) + readOrEmpty(`/proc/${String(pid)}/cmdline`);
    const found = names.includes(text) ? read(pid) : undefined;
    return found ? [found] : [];
  });
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readOrEmpty(`/proc/${String(pid)}/status`))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** proc_pid_stat(5): the command stands in parentheses and may hold anything; state, parent and start time follow. */
function read(pid: number): (ProcessId & { readonly parent: number }) | undefined {
  const stat = readOrEmpty(`/proc/${String(pid)}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent] = fields;
  const startedAt = fields[19];
  if (startedAt === undefined || state === 'Z') return undefined;
  const command = readOrEmpty(`/proc/${String(pid)}/cmdline`)
    .replaceAll('\0', ' ')
    .trim();
  return { pid, startedAt, parent: Number(parent), command };
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
