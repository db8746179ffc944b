import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BALLAST = 'ballast';

/** A file system of a few megabytes in memory, that can be filled and freed. */
export class SmallDisk {
  private constructor(readonly path: string) {}

  /**
   * @param likeFolder whose owner shall own it
   * @throws Error in one sentence where nobody may mount one
   */
  static mount(megabytes: number, likeFolder: string): SmallDisk {
    const path = mkdtempSync(join(tmpdir(), 'ovpn-disk-'));
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m,mode=0700`, 'tmpfs', path]);
    if (status !== 0) {
      rmSync(path, { recursive: true });
      throw new Error('This test mounts a small file system: run it as root, with the right to mount.');
    }
    const { uid, gid } = statSync(likeFolder);
    chownSync(path, uid, gid);
    return new SmallDisk(path);
  }

  /** Takes everything that is left but for so many bytes. */
  fill(leave: number): void {
    const { bavail, bsize } = statfsSync(this.path);
    writeFileSync(join(this.path, BALLAST), Buffer.alloc(Math.max(0, bavail * bsize - leave)));
  }

  free(): void {
    rmSync(join(this.path, BALLAST), { force: true });
  }

  unmount(): void {
    spawnSync('umount', ['--lazy', this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}
