import { Injectable } from '@nestjs/common';
import { Frontier } from '@libs/tlog';
import type { PoolClient } from 'pg';
import { LogDatabase, safeInteger } from '../database/log-database';
import { type Draft, TYPE_NUMBERS } from './draft';
import type { Fold, Head, Knowledge } from './fold';

/** The same key as in the database's own function: whoever appends holds it until the end of its transaction. */
const BEGIN_LOCKED = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(x'4f56504e4354'::bigint)";

const HEAD = `
  SELECT c.size, c.root, c.frontier, substring(e.leaf FROM 10 FOR 8) AS logged_at
  FROM ct.checkpoint c JOIN ct.entry e ON e.idx = c.size - 1 ORDER BY c.size DESC LIMIT 1`;

const KNOWLEDGE = `
  SELECT known.idx AS known_idx, issued.idx AS issued_idx, issued.issuer, same.fingerprint AS issuance_fingerprint
  FROM unnest($1::bytea[], $2::smallint[], $3::text[]) WITH ORDINALITY AS draft (fingerprint, kind, issuance_id, position)
  LEFT JOIN ct.identity known ON known.fingerprint = draft.fingerprint AND known.kind = draft.kind
  LEFT JOIN ct.certificate issued ON draft.kind = 2 AND issued.fingerprint = draft.fingerprint
  LEFT JOIN ct.private_context context ON context.issuance_id = draft.issuance_id AND context.entry_type = 1
  LEFT JOIN ct.certificate same ON same.idx = context.idx
  ORDER BY draft.position`;

interface HeadRow {
  readonly size: string;
  readonly root: Buffer;
  readonly frontier: Buffer;
  readonly logged_at: Buffer;
}

interface KnowledgeRow {
  readonly known_idx: string | null;
  readonly issued_idx: string | null;
  readonly issuer: Buffer | null;
  readonly issuance_fingerprint: Buffer | null;
}

/** COMMIT was sent and no answer came: whether the batch stands is for the next look at the database to say. */
export class AmbiguousCommit extends Error {
  constructor(cause: unknown) {
    super('the database did not say whether it committed', { cause });
  }
}

/** A transaction that holds the log's lock: the head it reads stays the head until it ends. */
export interface GateSession {
  head(): Promise<Head>;
  /** In the order of the drafts. */
  knowledge(drafts: readonly Draft[]): Promise<readonly Knowledge[]>;
  append(fold: Fold, checkpoint: string): Promise<void>;
}

/** The database's write gate: the one place from which a row enters the log. */
@Injectable()
export class WriteGate {
  constructor(private readonly database: LogDatabase) {}

  /**
   * Runs the work in a transaction of its own and commits.
   * @throws AmbiguousCommit when the commit's outcome is unknown; any other error means that nothing was written
   */
  async locked<T>(work: (session: GateSession) => Promise<T>): Promise<T> {
    const client = await this.database.connection();
    let broken: Error | undefined;
    // Without a listener, a connection that dies between two statements would end the process.
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      const result = await this.transaction(client, work);
      return result;
    } catch (error) {
      broken ??= error instanceof AmbiguousCommit ? error : await rollback(client);
      throw error;
    } finally {
      client.off('error', onError);
      // A connection in an unknown state is closed, not given back.
      client.release(broken);
    }
  }

  private async transaction<T>(client: PoolClient, work: (session: GateSession) => Promise<T>): Promise<T> {
    // Three statements, each with a snapshot of its own: the head must be read after the lock is held.
    await client.query(BEGIN_LOCKED);
    const result = await work(sessionOn(client));
    try {
      await client.query('COMMIT');
    } catch (error) {
      throw new AmbiguousCommit(error);
    }
    return result;
  }
}

async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('the rollback failed');
  }
}

function sessionOn(client: PoolClient): GateSession {
  return {
    head: async () => {
      const { rows } = await client.query<HeadRow>(HEAD);
      return headOf(rows[0]);
    },
    knowledge: async (drafts) => {
      const { rows } = await client.query<KnowledgeRow>(KNOWLEDGE, [
        drafts.map(({ identity }) => identity),
        drafts.map(({ type }) => TYPE_NUMBERS[type]),
        drafts.map((draft) => (draft.type === 'issued' ? draft.issuanceId : null)),
      ]);
      if (rows.length !== drafts.length)
        throw new Error('the database answered for other drafts than it was asked about');
      return rows.map(knowledgeOf);
    },
    append: async ({ entries, size, root }, checkpoint) => {
      await client.query('SELECT ct.append_entries($1::bytea[], $2::bytea[], $3::text[], $4, $5, $6)', [
        entries.map(({ bytes }) => bytes),
        entries.map(({ salt }) => salt),
        entries.map(({ context }) => context),
        size,
        root,
        checkpoint,
      ]);
    },
  };
}

function headOf(row: HeadRow | undefined): Head {
  if (row === undefined) return { size: 0, frontier: Frontier.empty(), loggedAt: 0 };
  const size = safeInteger(row.size);
  const frontier = Frontier.deserialize(size, row.frontier);
  // What was signed is the root; a frontier that does not lead to it would grow another tree.
  if (!frontier.root().equals(row.root)) throw new Error('the stored frontier does not lead to the stored root');
  return { size, frontier, loggedAt: Number(row.logged_at.readBigUInt64BE()) };
}

function knowledgeOf(row: KnowledgeRow): Knowledge {
  return {
    knownIndex: row.known_idx === null ? null : safeInteger(row.known_idx),
    issued:
      row.issued_idx === null || row.issuer === null
        ? null
        : { index: safeInteger(row.issued_idx), issuer: row.issuer },
    issuanceFingerprint: row.issuance_fingerprint,
  };
}
