import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '@libs/http';
import { printTilePath, TILE_WIDTH, type TileId } from '@libs/tlog';

const CHECKPOINT = 'checkpoint';

/** A log as files in a folder (C2SP tlog-tiles). A reader sees each file whole or not at all. */
export class StaticLog {
  private readonly folders = new Set<string>();

  constructor(readonly directory: string) {}

  /** The signed note; undefined in a folder that holds no log yet. */
  async checkpoint(): Promise<string | undefined> {
    try {
      return await readFile(join(this.directory, CHECKPOINT), 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** To be called when everything that the checkpoint calls for is there. */
  async writeCheckpoint(note: string): Promise<void> {
    await this.write(CHECKPOINT, note);
  }

  async readTile(tile: TileId): Promise<Buffer> {
    return readFile(join(this.directory, printTilePath(tile)));
  }

  async writeTile(tile: TileId, bytes: Buffer): Promise<void> {
    await this.write(printTilePath(tile), bytes);
  }

  /** The beginnings of a tile, which nobody needs once the full one is there. */
  async dropPartialTiles({ level, n }: Pick<TileId, 'level' | 'n'>): Promise<void> {
    const full = printTilePath({ level, n, width: TILE_WIDTH });
    await rm(join(this.directory, `${full}.p`), { recursive: true, force: true });
  }

  private async write(path: string, content: string | Buffer): Promise<void> {
    const target = join(this.directory, path);
    const folder = dirname(target);
    if (!this.folders.has(folder)) await mkdir(folder, { recursive: true });
    this.folders.add(folder);
    const draft = join(folder, `.${randomBytes(6).toString('hex')}`);
    try {
      const file = await open(draft, 'wx');
      try {
        await file.writeFile(content);
        // On the disk before its name is, or a crash could leave an empty file behind a checkpoint that calls for it.
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }
}
