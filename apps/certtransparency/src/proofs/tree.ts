import { Injectable } from '@nestjs/common';
import { TILE_WIDTH, type TileId, TileNodeReader, type NodeReader } from '@libs/tlog';
import { LogDatabase, safeInteger } from '../database/log-database';

/** A checkpoint as it was released. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly note: string;
}

interface CheckpointRow extends Record<string, unknown> {
  readonly size: string;
  readonly note: string;
}

interface HashesRow extends Record<string, unknown> {
  readonly hashes: Buffer | null;
}

/** The tree as the database keeps it: full tiles, and beneath them the rows from which partial ones are put together. */
@Injectable()
export class Tree {
  constructor(private readonly database: LogDatabase) {}

  /** The latest checkpoint, or the one of exactly this size. */
  async checkpoint(size?: number): Promise<StoredCheckpoint | undefined> {
    const row =
      size === undefined
        ? await this.database.row<CheckpointRow>('SELECT size, note FROM ct.checkpoint ORDER BY size DESC LIMIT 1')
        : await this.database.row<CheckpointRow>('SELECT size, note FROM ct.checkpoint WHERE size = $1', [size]);
    return row && { size: safeInteger(row.size), note: row.note };
  }

  /** Nodes of the tree of this size. What is below a size never changes, so no transaction is needed around a proof. */
  reader(size: number): NodeReader {
    return new TileNodeReader(size, (tile) => this.row(tile));
  }

  private async row(tile: TileId & { readonly level: number }): Promise<Buffer> {
    const row =
      tile.width === TILE_WIDTH
        ? await this.database.row<HashesRow>('SELECT hashes FROM ct.tile WHERE level = $1 AND n = $2', [
            tile.level,
            tile.n,
          ])
        : await this.partial(tile);
    if (!row?.hashes) throw new Error('a tile that the size calls for is missing');
    return row.hashes;
  }

  private async partial({ level, n, width }: TileId & { readonly level: number }): Promise<HashesRow | undefined> {
    const first = n * TILE_WIDTH;
    const range = [first, first + width];
    if (level === 0) {
      return this.database.row<HashesRow>(
        "SELECT string_agg(leaf_hash, ''::bytea ORDER BY idx) AS hashes FROM ct.entry WHERE idx >= $1 AND idx < $2",
        range,
      );
    }
    return this.database.row<HashesRow>(
      "SELECT string_agg(root, ''::bytea ORDER BY n) AS hashes FROM ct.tile WHERE level = $3 AND n >= $1 AND n < $2",
      [...range, level - 1],
    );
  }
}
