import { Injectable } from '@nestjs/common';
import { LogDatabase, safeInteger } from '../database/log-database';

interface IndexRow extends Record<string, unknown> {
  readonly idx: string;
}

/**
 * Halves the log until one position is left: the log's time never goes back, so entries are sorted by it and need no other
 * index. A leaf states its time in eight bytes from the tenth on; big-endian numbers compare like their bytes.
 */
const FIRST_INDEX_AT = `
  WITH RECURSIVE span (low, high) AS (
    SELECT 0::bigint, coalesce((SELECT size FROM ct.checkpoint ORDER BY size DESC LIMIT 1), 0)
    UNION ALL
    SELECT CASE WHEN later THEN low ELSE middle + 1 END, CASE WHEN later THEN middle ELSE high END
    FROM (SELECT low, high, (low + high) / 2 AS middle FROM span WHERE low < high) AS halves
    JOIN LATERAL (SELECT substring(leaf FROM 10 FOR 8) >= $1 AS later FROM ct.entry WHERE idx = middle) AS probe ON true
  )
  SELECT low AS idx FROM span WHERE low = high`;

/** Turns moments into positions of the log. */
@Injectable()
export class LogTime {
  constructor(private readonly database: LogDatabase) {}

  /** The first entry that was logged at the moment or later; the log's size if there is none yet. */
  async firstIndexAt(moment: Date): Promise<number> {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(Math.max(0, moment.getTime())));
    const row = await this.database.row<IndexRow>(FIRST_INDEX_AT, [bytes]);
    if (row === undefined) throw new Error('an entry below the checkpoint is missing');
    return safeInteger(row.idx);
  }
}
