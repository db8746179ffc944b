import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InvalidRequest } from '@libs/http';
import { actorCommitment } from '@libs/tlog';
import { LogDatabase, safeInteger } from '../database/log-database';
import type { ContextErasureRequest, ContextErasureResponse } from './context-erasures.dto';

interface ErasedRow extends Record<string, unknown> {
  readonly idx: string;
}

/** As many as the database erases in one go. */
const MAX_ERASED = 10_000;

/**
 * Takes private contexts out of the database for good. The leaves hold salted commitments only, so every proof stays
 * valid; what was erased, when and why is recorded beside the log and cannot be erased itself.
 */
@Injectable()
export class ContextErasures {
  private readonly logger = new Logger(ContextErasures.name);

  constructor(private readonly database: LogDatabase) {}

  async erase({ indexes, user_id, reason, actor }: ContextErasureRequest): Promise<ContextErasureResponse> {
    if ((indexes === undefined) === (user_id === undefined)) {
      throw new InvalidRequest([{ field: 'indexes', message: 'either indexes or user_id must be given' }]);
    }
    const id = randomUUID();
    const salt = randomBytes(32);
    const rows = await this.database.rows<ErasedRow>(
      'SELECT * FROM ct.erase_contexts($1, $2::bigint[], $3, $4, $5) AS idx ORDER BY idx',
      [id, indexes ?? null, user_id ?? null, reason, actorCommitment(salt, actor)],
    );
    this.logger.warn({ msg: 'private contexts erased', erasure_id: id, entries: rows.length, reason });
    return {
      erasure_id: id,
      indexes: rows.map(({ idx }) => safeInteger(idx)),
      complete: rows.length < MAX_ERASED,
      actor_salt: salt.toString('base64'),
    };
  }
}
