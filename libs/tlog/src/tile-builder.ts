import { Frontier } from './frontier';
import { TILE_HEIGHT, TILE_WIDTH, type TileId } from './tiles';

/** A tile and the row of hashes that is stored for it. */
export interface BuiltTile {
  readonly tile: TileId & { readonly level: number };
  readonly hashes: Buffer;
}

interface OpenTile {
  n: number;
  hashes: Buffer[];
}

/**
 * Makes the tiles of a tree from its leaf hashes in order, however many: it holds no more than the right edge, one open
 * tile for each level.
 */
export class TileBuilder {
  private readonly frontier = Frontier.empty();
  private readonly open: OpenTile[] = [];

  get size(): number {
    return this.frontier.size;
  }

  root(): Buffer {
    return this.frontier.root();
  }

  /** Answers the tiles that this leaf fills, lowest level first: none, for most. */
  append(leafHash: Uint8Array): BuiltTile[] {
    const filled: BuiltTile[] = [];
    this.frontier.append(leafHash, ({ level }, hash) => {
      if (level % TILE_HEIGHT === 0) this.add(level / TILE_HEIGHT, hash, filled);
    });
    return filled;
  }

  /** The tiles at the right edge that are not full, lowest level first. */
  partialTiles(): BuiltTile[] {
    return this.open.flatMap((tile, level) => (tile.hashes.length > 0 ? [built(level, tile)] : []));
  }

  private add(level: number, hash: Buffer, filled: BuiltTile[]): void {
    const tile = (this.open[level] ??= { n: 0, hashes: [] });
    tile.hashes.push(hash);
    if (tile.hashes.length < TILE_WIDTH) return;
    filled.push(built(level, tile));
    tile.n += 1;
    tile.hashes = [];
  }
}

function built(level: number, { n, hashes }: OpenTile): BuiltTile {
  return { tile: { level, n, width: hashes.length }, hashes: Buffer.concat(hashes) };
}
