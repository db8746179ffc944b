import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fdatasync,
  fsync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from '@libs/http';

const synced = promisify(fsync);
const dataSynced = promisify(fdatasync);

/** What disks write in one piece or not at all. */
const SECTOR_BYTES = 512;
/** A half-written file that is older than this is one that nobody will finish. */
const ABANDONED_MS = 60_000;

/**
 * One signed note in one file that is never half-written, and survives the loss of power once `write` has resolved. What only
 * touches the page cache is done at once; what waits for the disk is not waited for by the process.
 */
export class AnchorFile {
  private written: string | undefined;

  /** Makes the folder if need be. */
  constructor(private readonly path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    removeAbandoned(path);
  }

  /** Undefined when there is none yet. */
  read(): string | undefined {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /**
   * Replaces the note, unless another replica that shares the file has replaced it by one that makes ours superfluous:
   * then answers that one.
   */
  async write(note: string, isSuperseded: (other: string) => boolean): Promise<string | undefined> {
    const there = this.read();
    if (there !== undefined && there !== this.written && isSuperseded(there)) return there;
    if (there !== undefined && fitsOver(note, there)) await overwrite(this.path, note);
    else await replace(this.path, note);
    this.written = note;
    return undefined;
  }
}

/** Notes of one key differ in length only when the size of the log gains a digit. */
function fitsOver(note: string, there: string): boolean {
  return Buffer.byteLength(note) === Buffer.byteLength(there) && Buffer.byteLength(note) <= SECTOR_BYTES;
}

/** In place, as PostgreSQL does with its control file: nothing but the one sector has to reach the disk. */
async function overwrite(path: string, note: string): Promise<void> {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, note, 0);
    await dataSynced(file);
  } finally {
    closeSync(file);
  }
}

async function replace(path: string, note: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(file, note);
    await synced(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  // The new name is durable once its directory is.
  const directory = openSync(dirname(path), 'r');
  try {
    await synced(directory);
  } finally {
    closeSync(directory);
  }
}

function removeAbandoned(path: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(path)}.`) || !name.endsWith('.tmp')) continue;
    const modified = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - modified > ABANDONED_MS) rmSync(join(folder, name), { force: true });
  }
}
