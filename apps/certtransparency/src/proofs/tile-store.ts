import { Injectable } from '@nestjs/common';
import { HASH_SIZE, TILE_WIDTH, type TileId } from '@libs/tlog';
import { LogDatabase } from '../database/log-database';

interface HashesRow extends Record<string, unknown> {
  readonly hashes: Buffer | null;
}

interface LeafRow extends Record<string, unknown> {
  readonly leaf: Buffer;
}

export type HashTileId = TileId & { readonly level: number };

/**
 * Tiles as the database keeps them: full ones, and beneath them the rows of which partial ones are put together. Whoever
 * asks knows a size that calls for the tile; what is below a size never changes, so no transaction is needed around several.
 */
@Injectable()
export class TileStore {
  constructor(private readonly database: LogDatabase) {}

  /** The row of hashes of a tile. */
  async hashes(tile: HashTileId): Promise<Buffer> {
    const row = tile.width === TILE_WIDTH ? await this.full(tile) : await this.partial(tile);
    if (row?.hashes?.length !== tile.width * HASH_SIZE) throw new Error('a tile that the size calls for is missing');
    return row.hashes;
  }

  /** The leaves from an index on. */
  async leaves(first: number, count: number): Promise<readonly Buffer[]> {
    const sql = 'SELECT leaf FROM ct.entry WHERE idx >= $1 AND idx < $2 ORDER BY idx';
    const rows = await this.database.rows<LeafRow>(sql, [first, first + count]);
    if (rows.length !== count) throw new Error('an entry below the checkpoint is missing');
    return rows.map(({ leaf }) => leaf);
  }

  private async full({ level, n }: HashTileId): Promise<HashesRow | undefined> {
    return this.database.row<HashesRow>('SELECT hashes FROM ct.tile WHERE level = $1 AND n = $2', [level, n]);
  }

  private async partial({ level, n, width }: HashTileId): Promise<HashesRow | undefined> {
    const first = n * TILE_WIDTH;
    if (level === 0) {
      return this.database.row<HashesRow>(
        "SELECT string_agg(leaf_hash, ''::bytea ORDER BY idx) AS hashes FROM ct.entry WHERE idx >= $1 AND idx < $2",
        [first, first + width],
      );
    }
    return this.database.row<HashesRow>(
      "SELECT string_agg(root, ''::bytea ORDER BY n) AS hashes FROM ct.tile WHERE level = $3 AND n >= $1 AND n < $2",
      [first, first + width, level - 1],
    );
  }
}
