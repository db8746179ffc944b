import { Injectable } from '@nestjs/common';
import { DatabaseError, type PoolClient } from 'pg';
import { LogDatabase } from '../database/log-database';
import { failPoints } from '../fail-points';
import { binaryArray } from './binary-array';
import type { Draft } from './draft';
import { draftQuestion, type Findings } from './findings';

/** The same key as in the database's own function: whoever appends holds it until the end of its transaction. */
const LOCK = "SELECT pg_advisory_xact_lock(x'4f56504e4354'::bigint)";
const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';
const APPEND = 'SELECT ct.append_entries($1::bytea[], $2::bytea[], $3::text[], $4, $5, $6)';

/** What is to be added to the log in one piece. */
export interface Batch {
  readonly entries: readonly {
    readonly bytes: Buffer;
    readonly salt: Buffer | null;
    readonly context: string | null;
  }[];
  /** Of the log with these entries. */
  readonly size: number;
  readonly root: Buffer;
  readonly checkpoint: string;
}

/** What is asked of the database once the lock is held, and how its answers are read. */
export interface Question<T> {
  readonly queries: readonly { readonly name?: string; readonly text: string; readonly values: unknown[] }[];
  /** @param answers the rows of each query */
  readonly read: (answers: readonly (readonly unknown[])[]) => T;
  /** For this transaction, in place of the pool's. */
  readonly statementTimeoutMs?: number;
}

/** COMMIT was sent and no answer came: whether the batch stands is for the next look at the database to say. */
export class AmbiguousCommit extends Error {
  constructor(cause: unknown) {
    super('the database did not say whether it committed', { cause });
  }
}

/**
 * The database's write gate: the one place from which a row enters the log. Statements that need no answer of each other
 * are sent together, so that a batch costs two round trips, and holds the lock for no longer than that.
 */
@Injectable()
export class WriteGate {
  constructor(private readonly database: LogDatabase) {}

  /**
   * Takes the log's lock, looks up what the database has on the drafts, and commits the batch that `compose` makes of it;
   * an empty one commits nothing.
   * @param anchorSize the size whose root is to be among the findings
   * @throws AmbiguousCommit when the commit's outcome is unknown; any other error means that nothing was written
   */
  async write<T extends Batch>(
    drafts: readonly Draft[],
    anchorSize: number,
    compose: (findings: Findings) => T,
  ): Promise<T> {
    return this.commit(draftQuestion(drafts, anchorSize), compose);
  }

  /** The same for a batch that is made of the answers to another question. */
  async commit<F, T extends Batch>(question: Question<F>, compose: (findings: F) => T | Promise<T>): Promise<T> {
    const client = await this.database.writer();
    let broken: Error | undefined;
    // Without a listener, a connection that dies between two statements would end the process.
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      const batch = await compose(await ask(client, question));
      failPoints.reach('batch-composed');
      if (batch.entries.length > 0) await append(client, batch);
      else await client.query('ROLLBACK');
      return batch;
    } catch (error) {
      broken ??= error instanceof AmbiguousCommit ? error : await rollback(client);
      throw error;
    } finally {
      client.off('error', onError);
      // A connection in an unknown state is closed, not given back.
      client.release(broken);
    }
  }
}

/** What `send` sends goes out as one piece, where every statement would wake the database by itself. */
function inOnePiece<T>(client: PoolClient, send: () => T): T {
  const { stream } = client.connection;
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

/** Statements with a snapshot of their own each: what the answers are made from must be read after the lock is held. */
async function ask<T>(client: PoolClient, { queries, read, statementTimeoutMs }: Question<T>): Promise<T> {
  const begin =
    statementTimeoutMs === undefined ? BEGIN : `${BEGIN}; SET LOCAL statement_timeout = ${statementTimeoutMs}`;
  const [, ...answers] = await inOnePiece(client, () =>
    Promise.all([
      client.query(`${begin}; ${LOCK}`),
      ...queries.map(async (query) => client.query<Record<string, unknown>>(query)),
    ]),
  );
  return read(answers.map(({ rows }) => rows));
}

/** The COMMIT is on its way before the gate has answered; PostgreSQL makes a rollback of it when the gate refused. */
async function append(client: PoolClient, { entries, size, root, checkpoint }: Batch): Promise<void> {
  const values = [
    binaryArray(
      'bytea',
      entries.map(({ bytes }) => bytes),
    ),
    binaryArray(
      'bytea',
      entries.map(({ salt }) => salt),
    ),
    binaryArray(
      'text',
      entries.map(({ context }) => (context === null ? null : Buffer.from(context))),
    ),
    size,
    root,
    checkpoint,
  ];
  const [appended, committed] = await inOnePiece(client, () =>
    Promise.allSettled([client.query({ name: 'append', text: APPEND, values }), client.query('COMMIT')]),
  );
  if (appended.status === 'rejected' && isAnswer(appended.reason)) throw appended.reason;
  if (committed.status === 'rejected') throw new AmbiguousCommit(committed.reason);
  if (committed.value.command !== 'COMMIT') throw new Error('the database rolled the batch back');
}

/** The server itself refused the statement and goes on; anything else may have happened before or after the COMMIT. */
function isAnswer(error: unknown): boolean {
  return error instanceof DatabaseError && error.severity === 'ERROR';
}

async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('the rollback failed');
  }
}
