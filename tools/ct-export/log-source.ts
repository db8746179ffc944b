import type { LogDatabase } from '../../apps/certtransparency/src/database/log-database';
import { safeInteger } from '../../apps/certtransparency/src/database/log-database';
import { TileStore } from '../../apps/certtransparency/src/proofs/tile-store';

export interface SourceCheckpoint {
  readonly size: number;
  readonly note: string;
}

interface CheckpointRow extends Record<string, unknown> {
  readonly size: string;
  readonly note: string;
}

/** The log's database, as far as an export reads it. */
export class LogSource {
  /** What is below a checkpoint's size never changes, so that tiles need no transaction around them. */
  readonly tiles: TileStore;

  constructor(private readonly database: LogDatabase) {
    this.tiles = new TileStore(database);
  }

  /** The latest checkpoint of at most this size; undefined when there is none. */
  async checkpointUpTo(size: number): Promise<SourceCheckpoint | undefined> {
    const row = await this.database.row<CheckpointRow>(
      'SELECT size, note FROM ct.checkpoint WHERE size <= $1 ORDER BY size DESC LIMIT 1',
      [size],
    );
    return row && { size: safeInteger(row.size), note: row.note };
  }
}
