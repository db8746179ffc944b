import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { decodeEntryBundle, HASH_SIZE, MAX_LEAF_BYTES, printTilePath, TILE_WIDTH, type TileId } from '@libs/tlog';
import { fileErrorText, isMissing } from '../input';
import { CannotTell, Refuted } from '../verdict';

const MAX_CHECKPOINT_BYTES = 1_000_000;
const MAX_BUNDLE_BYTES = TILE_WIDTH * (2 + MAX_LEAF_BYTES);

/** A log as static files (C2SP tlog-tiles), of which nothing is believed. */
export class ExportFolder {
  private readonly read = new Set<string>();

  constructor(private readonly path: string) {}

  /** The signed note. @throws CannotTell when the folder has none */
  async checkpoint(): Promise<Buffer> {
    const note = await this.file('checkpoint', MAX_CHECKPOINT_BYTES);
    if (note === undefined) throw new CannotTell(`${this.path} is not an exported log: it has no checkpoint`);
    return note;
  }

  /** The row of a tile, of the very width. @throws Refuted when it is missing or of another length */
  async tile(tile: TileId & { readonly level: number }): Promise<Buffer> {
    const [path, bytes] = await this.fullOrPartial(tile, TILE_WIDTH * HASH_SIZE);
    const exact = path === printTilePath(tile);
    const width = exact ? tile.width : TILE_WIDTH;
    if (bytes.length !== width * HASH_SIZE) throw malformed(path, `it must hold ${width} hashes`);
    return bytes.subarray(0, tile.width * HASH_SIZE);
  }

  /** The leaves beneath a tile of level 0. @throws Refuted when they are missing or not as many as the width says */
  async bundle(n: number, width: number): Promise<Buffer[]> {
    const bundle: TileId = { level: 'entries', n, width };
    const [path, bytes] = await this.fullOrPartial(bundle, MAX_BUNDLE_BYTES);
    const leaves = decodeBundle(path, bytes);
    const expected = path === printTilePath(bundle) ? width : TILE_WIDTH;
    if (leaves.length !== expected) throw malformed(path, `it holds ${leaves.length} entries instead of ${expected}`);
    return leaves.slice(0, width);
  }

  /** How many files are there that the checkpoint did not call for, and that therefore prove nothing. */
  async countFilesNotRead(): Promise<number> {
    const entries = await readdir(this.path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return files.filter((file) => !this.read.has(relative(this.path, join(file.parentPath, file.name)))).length;
  }

  /** A partial tile may be gone once the full one is there, of which it is the beginning. */
  private async fullOrPartial(tile: TileId, limit: number): Promise<readonly [path: string, bytes: Buffer]> {
    const paths = [...new Set([printTilePath(tile), printTilePath({ ...tile, width: TILE_WIDTH })])];
    for (const path of paths) {
      const bytes = await this.file(path, limit);
      if (bytes !== undefined) return [path, bytes];
    }
    throw new Refuted('export_incomplete', `${printTilePath(tile)} is missing, which the checkpoint calls for`);
  }

  private async file(path: string, limit: number): Promise<Buffer | undefined> {
    try {
      const handle = await open(join(this.path, path));
      try {
        const status = await handle.stat();
        // A device or an endless file must not take all memory.
        if (!status.isFile() || status.size > limit) throw malformed(path, 'it is too large or not a file');
        this.read.add(path);
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (error instanceof Refuted) throw error;
      if (isMissing(error)) return undefined;
      throw new CannotTell(`${join(this.path, path)} cannot be read: ${fileErrorText(error)}`);
    }
  }
}

function decodeBundle(path: string, bytes: Buffer): Buffer[] {
  try {
    return decodeEntryBundle(bytes);
  } catch (error) {
    throw malformed(path, error instanceof Error ? error.message : String(error));
  }
}

function malformed(path: string, reason: string): Refuted {
  return new Refuted('malformed_export', `${path}: ${reason}`);
}
