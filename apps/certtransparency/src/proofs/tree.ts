import { Injectable } from '@nestjs/common';
import { type NodeReader, TileNodeReader } from '@libs/tlog';
import { LogDatabase, safeInteger } from '../database/log-database';
import { TileStore } from './tile-store';

/** A checkpoint as it was released. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly note: string;
}

interface CheckpointRow extends Record<string, unknown> {
  readonly size: string;
  readonly note: string;
}

/** The tree that proofs are made of. */
@Injectable()
export class Tree {
  constructor(
    private readonly database: LogDatabase,
    private readonly tiles: TileStore,
  ) {}

  /** The latest checkpoint, or the one of exactly this size. */
  async checkpoint(size?: number): Promise<StoredCheckpoint | undefined> {
    const row =
      size === undefined
        ? await this.database.row<CheckpointRow>('SELECT size, note FROM ct.checkpoint ORDER BY size DESC LIMIT 1')
        : await this.database.row<CheckpointRow>('SELECT size, note FROM ct.checkpoint WHERE size = $1', [size]);
    return row && { size: safeInteger(row.size), note: row.note };
  }

  /** Nodes of the tree of this size, from a handful of tiles however large it is. */
  reader(size: number): NodeReader {
    return new TileNodeReader(size, (tile) => this.tiles.hashes(tile));
  }
}
