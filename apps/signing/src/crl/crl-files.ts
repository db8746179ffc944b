import { StartError } from '@libs/http';
import type { Issuer } from '@libs/pki';
import { Logger } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failPoints } from '../fail-points';
import { type KeyStore } from '../key-store/key-store';
import { withFileLock } from './file-lock';
import { NotACrl, type PublishedCrl, publishedCrl, publishedCrlFromPem } from './published-crl';

/** Where the last good CRLs stand, so that they are served whatever else is down. */
export class CrlFiles {
  private readonly logger = new Logger('CrlFiles');
  /** Which version of a file was read or written last, by path. */
  private readonly seen = new Map<string, string>();

  constructor(private readonly keyStore: KeyStore) {}

  /** The CRL that was published last, by us or by a replica on the same folder; undefined where there is none, or no good one. */
  async read(issuer: Issuer): Promise<PublishedCrl | undefined> {
    const path = this.pathOf(issuer);
    try {
      this.seen.set(path, await versionOf(path));
      return await publishedCrl(await readFile(path), issuer);
    } catch (error) {
      if (error instanceof NotACrl) this.logger.error({ msg: 'stored CRL is not usable', path, err: error });
      else if (!isMissing(error)) throw error;
      return undefined;
    }
  }

  /** As {@link read}, but undefined as well while the file is the one that was read or written last. */
  async readChanged(issuer: Issuer): Promise<PublishedCrl | undefined> {
    const path = this.pathOf(issuer);
    const version = await versionOf(path).catch(() => undefined);
    return version === undefined || version === this.seen.get(path) ? undefined : this.read(issuer);
  }

  /**
   * Puts a CRL in the place of an older one: temporary name, fsync, rename, so that a reader and a crash see either whole. A
   * newer one that a replica has put there meanwhile stays, and is the result.
   */
  async replace(issuer: Issuer, crl: PublishedCrl): Promise<PublishedCrl> {
    const path = this.pathOf(issuer);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return withFileLock(`${path}.lock`, async () => {
      const stored = await this.readChanged(issuer);
      if (stored !== undefined && stored.number > crl.number) return stored;
      await removeTemporaries(path);
      await writeAtomically(path, crl.parsed.der);
      this.seen.set(path, await versionOf(path));
      return crl;
    });
  }

  /**
   * The root's CRL, which is made where the root's key is.
   * @throws StartError when it is missing or not the root's
   */
  async readRoot(): Promise<PublishedCrl> {
    const path = join(this.keyStore.directory, 'root.crl.pem');
    try {
      return await publishedCrlFromPem(await readFile(path, 'utf8'), this.keyStore.root);
    } catch (error) {
      if (error instanceof NotACrl) {
        throw new StartError(`${path} is not the CRL of the root. ${error.message}`, { cause: error });
      }
      throw new StartError(`${path} ${isMissing(error) ? 'is missing' : 'cannot be read'}.`, { cause: error });
    }
  }

  private pathOf(issuer: Issuer): string {
    return join(this.keyStore.directory, 'crl', `${issuer.spkiSha256.toString('hex')}.crl`);
  }
}

/** A renamed file has another inode. */
async function versionOf(path: string): Promise<string> {
  const { ino, mtimeMs } = await stat(path);
  return `${String(ino)}:${String(mtimeMs)}`;
}

/** Readable by everybody: OpenVPN reads CRLs after it has dropped its privileges. */
const worldReadable = 0o644;

const temporaryBytes = 6;

/** Whoever has the lock is the only one that writes: what others have begun they did not live, or were too slow, to finish. */
async function removeTemporaries(path: string): Promise<void> {
  const prefix = `${basename(path)}.`;
  const suffix = new RegExp(`^[0-9a-f]{${String(2 * temporaryBytes)}}$`);
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix) || !suffix.test(name.slice(prefix.length))) continue;
    await rm(join(dirname(path), name), { force: true });
  }
}

async function writeAtomically(path: string, content: Buffer): Promise<void> {
  const temporary = `${path}.${randomBytes(temporaryBytes).toString('hex')}`;
  try {
    await writeSynced(temporary, content);
    failPoints.reach('crl-written');
    await rename(temporary, path);
    failPoints.reach('crl-renamed');
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const folder = await open(dirname(path));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeSynced(path: string, content: Buffer): Promise<void> {
  const file = await open(path, 'wx', worldReadable);
  try {
    await file.writeFile(content);
    await file.chmod(worldReadable);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
