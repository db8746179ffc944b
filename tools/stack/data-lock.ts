import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { errorCode, StartError } from '@libs/http';

/** Keeps two stacks from sharing one data folder: the second one would lose its database when the first one stops. */
export class DataLock {
  private constructor(private readonly path: string) {}

  /**
   * A lock that a killed stack left behind is taken over.
   * @param address where the stack can be reached, for the sentence that the second one says
   * @throws StartError while another stack runs on the folder
   */
  static take(path: string, address: string): DataLock {
    const holder = readHolder(path);
    if (holder !== undefined && isAlive(holder.pid)) {
      throw new StartError(
        `OpenVPN Manager already runs on this folder (process ${String(holder.pid)}, ${holder.address}): use that one, or set DATA_DIRECTORY and other ports for a second one.`,
      );
    }
    rmSync(path, { force: true });
    writeFileSync(path, JSON.stringify({ pid: process.pid, address }), { flag: 'wx', mode: 0o600 });
    return new DataLock(path);
  }

  release(): void {
    rmSync(this.path, { force: true });
  }
}

function readHolder(path: string): { readonly pid: number; readonly address: string } | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('address' in value)) return undefined;
    return { pid: Number(value.pid), address: String(value.address) };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there and is somebody else's.
    return errorCode(error) === 'EPERM';
  }
}
