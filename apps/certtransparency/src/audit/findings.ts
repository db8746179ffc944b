import { Frontier } from '@libs/tlog';
import { safeInteger } from '../database/log-database';
import { binaryArray } from './binary-array';
import { type Draft, TYPE_NUMBERS } from './draft';
import type { Question } from './write-gate';

/** The log as it stands once the lock is held. */
export interface Head {
  readonly size: number;
  readonly frontier: Frontier;
  /** Of the last entry, in milliseconds; 0 for an empty log. */
  readonly loggedAt: number;
}

/** What the database knows about a draft. */
export interface Knowledge {
  /** Index of the entry of the same identity. */
  readonly knownIndex: number | null;
  /** For a revocation: the issued entry. */
  readonly issued: { readonly index: number; readonly issuer: Buffer } | null;
  /** For an issued certificate: the one that was logged for the same issuance. */
  readonly issuanceFingerprint: Buffer | null;
}

/** What a batch is made from. */
export interface Findings {
  readonly head: Head;
  /** In the order of the drafts. */
  readonly knowledge: readonly Knowledge[];
  /** Root of the checkpoint of the size that was asked for; null when the log has none of that size. */
  readonly anchoredRoot: Buffer | null;
}

interface FindRow extends HeadRow {
  readonly known_idx: string | null;
  readonly issued_idx: string | null;
  readonly issuer: Buffer | null;
  readonly issuance_fingerprint: Buffer | null;
}

export interface HeadRow {
  readonly size: string | null;
  readonly root: Buffer | null;
  readonly frontier: Buffer | null;
  readonly logged_at: Buffer | null;
  readonly anchored_root: Buffer | null;
}

/** The head, and the root of the checkpoint whose size the parameter says. */
export const headSql = (anchorSize: string) => `
  SELECT c.size, c.root, c.frontier,
    (SELECT substring(leaf FROM 10 FOR 8) FROM ct.entry WHERE idx = c.size - 1) AS logged_at,
    (SELECT root FROM ct.checkpoint WHERE size = ${anchorSize}::bigint) AS anchored_root
  FROM ct.checkpoint c ORDER BY c.size DESC LIMIT 1`;

/**
 * One row for each draft; the head stands in the first. Subqueries instead of joins: each draft is looked up by an index,
 * whatever the planner believes about the size of the tables.
 */
const FIND = `
  SELECT
    (SELECT idx FROM ct.identity i WHERE i.fingerprint = draft.fingerprint AND i.kind = draft.kind) AS known_idx,
    issued.idx AS issued_idx, issued.issuer,
    (SELECT fingerprint FROM ct.certificate c WHERE c.idx =
      (SELECT idx FROM ct.private_context p WHERE p.issuance_id = draft.issuance_id AND p.entry_type = 1)
    ) AS issuance_fingerprint,
    head.*
  FROM unnest($1::bytea[], $2::smallint[], $3::text[]) WITH ORDINALITY AS draft (fingerprint, kind, issuance_id, position)
  LEFT JOIN LATERAL (
    SELECT idx, issuer FROM ct.certificate c WHERE draft.kind = 2 AND c.fingerprint = draft.fingerprint LIMIT 1
  ) AS issued ON true
  LEFT JOIN (${headSql('$4')}) AS head ON draft.position = 1
  ORDER BY draft.position`;

function findParameters(drafts: readonly Draft[], anchorSize: number): unknown[] {
  const issuanceId = (draft: Draft) => (draft.type === 'issued' ? draft.issuanceId : null);
  const text = (value: string | null) => (value === null ? null : Buffer.from(value));
  return [
    binaryArray(
      'bytea',
      drafts.map(({ identity }) => identity),
    ),
    binaryArray(
      'int2',
      drafts.map(({ type }) => Buffer.of(0, TYPE_NUMBERS[type])),
    ),
    binaryArray(
      'text',
      drafts.map((draft) => text(issuanceId(draft))),
    ),
    anchorSize,
  ];
}

/** What is on record about the drafts, and where the log stands. */
export function draftQuestion(drafts: readonly Draft[], anchorSize: number): Question<Findings> {
  return {
    queries: [{ name: 'find', text: FIND, values: findParameters(drafts, anchorSize) }],
    read: ([rows = []]) => {
      if (rows.length !== drafts.length) {
        throw new Error('the database answered for other drafts than it was asked about');
      }
      return findingsOf(rows as readonly FindRow[]);
    },
  };
}

function findingsOf(rows: readonly FindRow[]): Findings {
  return { head: headOf(rows[0]), knowledge: rows.map(knowledgeOf), anchoredRoot: rows[0]?.anchored_root ?? null };
}

export function headOf(row: HeadRow | undefined): Head {
  if (row === undefined || row.size === null) return { size: 0, frontier: Frontier.empty(), loggedAt: 0 };
  if (!row.root || !row.frontier || !row.logged_at) throw new Error('the last entry of the log is missing');
  const size = safeInteger(row.size);
  const frontier = Frontier.deserialize(size, row.frontier);
  // What was signed is the root; a frontier that does not lead to it would grow another tree.
  if (!frontier.root().equals(row.root)) throw new Error('the stored frontier does not lead to the stored root');
  return { size, frontier, loggedAt: Number(row.logged_at.readBigUInt64BE()) };
}

function knowledgeOf(row: FindRow): Knowledge {
  return {
    knownIndex: row.known_idx === null ? null : safeInteger(row.known_idx),
    issued:
      row.issued_idx === null || row.issuer === null
        ? null
        : { index: safeInteger(row.issued_idx), issuer: row.issuer },
    issuanceFingerprint: row.issuance_fingerprint,
  };
}
