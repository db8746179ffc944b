import { chmodSync, closeSync, constants, openSync, rmSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CannotRun } from '../cannot-run';
import { syncFolder } from '../state/replace-file';

const FILES_AT_A_TIME = 500;
const READABLE = constants.S_IROTH | constants.S_IXOTH;

/**
 * The folder of `crl-verify … dir`: an empty file for each revoked certificate, named by its serial number in decimal. OpenVPN
 * takes a file that it cannot open for no revocation at all, so everybody must be able to.
 */
export class CrlFolder {
  constructor(private readonly path: string) {}

  /** @throws CannotRun when OpenVPN, which has become an unprivileged user, could not look into the folder */
  async check(): Promise<void> {
    const { mode } = await statFolder(this.path);
    if ((mode & READABLE) !== READABLE) {
      throw new CannotRun(
        `${this.path} must be readable by everybody (chmod 755): OpenVPN would find no revocation in it`,
      );
    }
    for (let parent = dirname(this.path); parent !== dirname(parent); parent = dirname(parent)) {
      const { mode: access } = await statFolder(parent);
      if ((access & constants.S_IXOTH) === 0) {
        throw new CannotRun(`${parent} must be open to everybody (chmod o+x): OpenVPN would not reach ${this.path}`);
      }
    }
  }

  /** @param serialNumbers in hex. Those that are there already stay as they are. */
  async add(serialNumbers: readonly string[]): Promise<void> {
    if (serialNumbers.length === 0) return;
    for (let start = 0; start < serialNumbers.length; start += FILES_AT_A_TIME) {
      for (const serial of serialNumbers.slice(start, start + FILES_AT_A_TIME))
        create(join(this.path, fileName(serial)));
      await turn();
    }
    await syncFolder(this.path);
  }

  /** Creates what is missing. Answers how many files were. */
  async complete(serialNumbers: Iterable<string>): Promise<number> {
    const present = new Set(await readdir(this.path));
    const missing: string[] = [];
    let count = 0;
    for (const serial of serialNumbers) {
      if (!present.has(fileName(serial))) missing.push(serial);
      count += 1;
      if (count % FILES_AT_A_TIME === 0) await turn();
    }
    await this.add(missing);
    return missing.length;
  }

  async remove(serialNumbers: readonly string[]): Promise<void> {
    if (serialNumbers.length === 0) return;
    for (let start = 0; start < serialNumbers.length; start += FILES_AT_A_TIME) {
      for (const serial of serialNumbers.slice(start, start + FILES_AT_A_TIME)) {
        rmSync(join(this.path, fileName(serial)), { force: true });
      }
      await turn();
    }
    await syncFolder(this.path);
  }
}

function fileName(serialNumber: string): string {
  return BigInt(`0x${serialNumber}`).toString();
}

/** Synchronous, a batch at a time: an empty file takes 10 µs that way. */
function create(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o644));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  chmodSync(path, 0o644);
}

async function statFolder(path: string): Promise<{ readonly mode: number }> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) throw new CannotRun(`${path} is not a folder`);
  return found;
}

async function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
