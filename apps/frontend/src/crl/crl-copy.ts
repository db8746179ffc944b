import { Logger } from '@nestjs/common';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CrlDocument } from './crl-document';

interface CrlCopyOptions {
  readonly fetch: () => Promise<Buffer>;
  readonly read: (body: Buffer) => CrlDocument;
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
      const fresh = this.options.read(await this.options.fetch());
      const known = await this.lastGood();
      if (known !== undefined && fresh.lastModified < known.lastModified) return known;
      if (fresh.etag !== known?.etag) await this.keep(fresh);
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
      this.good = this.options.read(await readFile(this.options.file));
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
