import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../state/replace-file';

/** The file that `crl-verify` points at, and a copy of it that nobody else touches. */
export class CrlFile {
  private readonly copy: string;

  constructor(
    private readonly path: string,
    stateDirectory: string,
  ) {
    this.copy = join(stateDirectory, 'crl.pem');
  }

  /** The bundle that was written last; undefined when there is none. */
  async lastGood(): Promise<string | undefined> {
    return contentOf(this.copy);
  }

  /** Readable by everybody: OpenVPN, which has become an unprivileged user, reads it anew for new connections. */
  async write(pem: string): Promise<void> {
    if ((await contentOf(this.copy)) !== pem) await replaceFile(this.copy, pem, 0o600);
    await this.restore(pem);
  }

  /** Puts the bundle there unless it is there. Answers whether it had to. */
  async restore(pem: string): Promise<boolean> {
    if ((await contentOf(this.path)) === pem) return false;
    await replaceFile(this.path, pem, 0o644);
    return true;
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  return readFile(path, 'latin1').catch(() => undefined);
}
