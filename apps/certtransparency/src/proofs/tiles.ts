import { Injectable } from '@nestjs/common';
import { encodeEntryBundle, parseTilePath, TILE_WIDTH, type TileId, TlogError, tileWidth } from '@libs/tlog';
import { TileNotFound } from './proofs.errors';
import { Proofs } from './proofs.service';
import { TileStore } from './tile-store';

export interface TileFile {
  readonly body: Buffer;
  /** A full tile stays as it is for ever; a partial one is of use for a short time only. */
  readonly isFull: boolean;
}

/** The log as the files that C2SP tlog-tiles describes. */
@Injectable()
export class Tiles {
  constructor(
    private readonly proofs: Proofs,
    private readonly store: TileStore,
  ) {}

  /**
   * Any tile that the latest checkpoint or an older one calls for: also the beginning of a tile that has grown since.
   * @param path without a leading slash
   * @throws TileNotFound for a tile that does not reach as far, and for every spelling but the one there is
   */
  async file(path: string): Promise<TileFile> {
    const tile = parsed(path);
    const { size } = await this.proofs.checkpoint();
    const { level, n, width } = tile;
    if (width > tileWidth(level === 'entries' ? 0 : level, n, size)) throw new TileNotFound();
    return { body: await this.body(tile), isFull: width === TILE_WIDTH };
  }

  private async body({ level, n, width }: TileId): Promise<Buffer> {
    if (level !== 'entries') return this.store.hashes({ level, n, width });
    return encodeEntryBundle(await this.store.leaves(n * TILE_WIDTH, width));
  }
}

function parsed(path: string): TileId {
  try {
    return parseTilePath(path);
  } catch (error) {
    if (error instanceof TlogError) throw new TileNotFound();
    throw error;
  }
}
