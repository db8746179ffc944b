import type { TaggedBytes } from '@libs/contracts';
import { Logger } from '@nestjs/common';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CrlDocument, isOlder } from './crl-document';

interface CrlCopyOptions {
  /** Undefined where it is still the one with this entity tag. */
  readonly fetch: (etag: string | undefined) => Promise<TaggedBytes | undefined>;
  readonly read: (body: Buffer) => Promise<CrlDocument>;
  /** Where the last good one outlives a restart. */
  readonly file: string;
}

/**
 * The newest CRL that can be had: signing's, or the last good one when signing does not answer or answers nonsense. It
 * never goes back in time: an older CRL than one already served would let a revoked certificate in again.
 */
export class CrlCopy {
  private readonly logger = new Logger('Crl');
  private good: CrlDocument | undefined;
  /** By which signing knows the good one. */
  private tag: string | undefined;
  private fetching: Promise<CrlDocument> | undefined;

  constructor(private readonly options: CrlCopyOptions) {}

  /**
   * Requests that arrive while one is being fetched share it.
   *
   * @throws the error of the fetch when there has never been a good one
   */
  async current(): Promise<CrlDocument> {
    this.fetching ??= this.fetch().finally(() => {
      this.fetching = undefined;
    });
    return this.fetching;
  }

  private async fetch(): Promise<CrlDocument> {
    try {
      const known = await this.lastGood();
      const fetched = await this.options.fetch(known && this.tag);
      if (fetched === undefined && known !== undefined) return known;
      if (fetched === undefined) throw new Error('signing says that a CRL has not changed which it never gave');
      const fresh = await this.options.read(fetched.bytes);
      if (known !== undefined && isOlder(fresh, known)) return known;
      this.tag = fetched.etag;
      if (fresh.etag === known?.etag) return known;
      await this.keep(fresh);
      return fresh;
    } catch (error) {
      const known = await this.lastGood();
      if (known === undefined) throw error;
      this.logger.warn({ msg: 'last good CRL served', this_update: known.lastModified.toISOString(), err: error });
      return known;
    }
  }

  private async lastGood(): Promise<CrlDocument | undefined> {
    if (this.good !== undefined) return this.good;
    try {
      this.good = await this.options.read(await readFile(this.options.file));
    } catch {
      // None yet, or a damaged one, which is as good as none.
    }
    return this.good;
  }

  /** A full disk costs the copy for the next start, not the answer. */
  private async keep(document: CrlDocument): Promise<void> {
    this.good = document;
    try {
      await replaceFile(this.options.file, document.body);
    } catch (error) {
      this.logger.error({ msg: 'CRL could not be kept', err: error });
    }
  }
}

async function replaceFile(file: string, content: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${String(process.pid)}.tmp`;
  const handle = await open(temporary, 'w', 0o644);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
