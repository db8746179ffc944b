import { CERTIFICATE_KINDS, type CertificateSearch } from '@libs/contracts';
import { hex, iso } from './certificate-record';
import { Conditions } from './conditions';
import type { NameGuess } from './name-sample';
import type { Axis, Lead, SearchOrder } from './search-order';
import { FOREVER, type SearchTerms } from './search-terms';

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** The rows that `certificateRecord` reads, of certificates `c` from a table or a subquery. */
export const selectCertificates = (certificates: string, more = '') => `
  SELECT c.idx, ${hex('c.fingerprint')} AS fingerprint, ${hex('c.issuer')} AS issuer, ${hex('c.serial')} AS serial,
    c.kind, c.common_name, ${iso('c.not_before')} AS not_before, ${iso('c.not_after')} AS not_after,
    ${iso('c.logged_at')} AS logged_at, r.idx AS revocation_idx, r.reason, ${iso('r.revoked_at')} AS revoked_at,
    p.context ${more}
  FROM ${certificates} c
  LEFT JOIN ct.revocation r ON r.fingerprint = c.fingerprint
  LEFT JOIN ct.private_context p ON p.idx = c.idx`;

/**
 * The ways to a page, to be tried in turn until one fills it; the last tells all that there is. Each selects one row more
 * than the page holds, which tells whether there is a next one. What is shown besides is looked up for the page alone.
 *
 * A part of a name that many have is found among the newest; one that few have is found by its trigrams. How many do the
 * database can only guess, and a wrong guess would have it look at every row.
 * @param guess of the part of a name, where one is asked for
 */
export function searchStatements(terms: SearchTerms, guess: NameGuess | undefined): readonly Statement[] {
  if (guess === undefined) return [pageInOrder(terms)];
  const walk = walkLength(terms, guess);
  return [...(walk > 0 ? [namesAmongNewest(terms, walk)] : []), allOfName(terms, guess)];
}

const OF_NAME_ALONE: ReadonlySet<string> = new Set<keyof CertificateSearch>(['common_name', 'limit', 'cursor']);
/** To look a row up by its trigrams costs as much as walking past so many. */
const LOOK_UP = 3;
/** With other conditions the guess is about other rows than theirs: then so many are looked at in any case. */
const LEAST_COMBINED_WALK = 3_000;
/** The database may reach them by a plan that sorts all that there are, where it is told to expect more. */
const LONGEST_COMBINED_WALK = 20_000;

/**
 * How many of the newest rows to look at before the trigrams are asked for all that have the part; 0 where that costs more.
 * A walk ends with the page. It may go as far as what it saves is worth: the newest rows can lack a part for long that
 * many others have.
 */
function walkLength({ query, limit }: SearchTerms, { share, certificates }: NameGuess): number {
  const worth = Math.ceil(LOOK_UP * share * certificates);
  const isCombined = Object.entries<unknown>({ ...query }).some(
    ([field, value]) => value !== undefined && !OF_NAME_ALONE.has(field),
  );
  if (isCombined) return Math.min(Math.max(worth, LEAST_COMBINED_WALK), LONGEST_COMBINED_WALK);
  const expected = (limit + 1) / share;
  return expected < worth ? worth : 0;
}

function pageInOrder(terms: SearchTerms): Statement {
  const conditions = conditionsOf(terms);
  addStatus(conditions, terms, BY_ANY_PLAN);
  const page = `${candidates(terms, conditions)} ORDER BY ${inside(terms.order)} LIMIT ${String(terms.limit + 1)}`;
  return { sql: shown(`(${page})`, terms.order), parameters: conditions.parameters };
}

function namesAmongNewest(terms: SearchTerms, walk: number): Statement {
  const conditions = conditionsOf(terms);
  const newest = `${candidates(terms, conditions)} ORDER BY ${inside(terms.order)} LIMIT ${String(walk)}`;
  const named = new Conditions(conditions.parameters);
  addName(named, terms);
  addStatus(named, terms, BY_LOOKING_UP);
  const page = `SELECT c.* FROM (${newest}) c ${named.sql}
    ORDER BY ${outside(terms.order)} LIMIT ${String(terms.limit + 1)}`;
  return { sql: shown(`(${page})`, terms.order), parameters: named.parameters };
}

function allOfName(terms: SearchTerms, { key }: NameGuess): Statement {
  const conditions = conditionsOf(terms);
  if (key !== terms.query.common_name) conditions.add('c.common_name ILIKE ?', pattern(key));
  addName(conditions, terms, key === terms.query.common_name ? 'c.common_name' : UNINDEXED_NAME);
  addStatus(conditions, terms, BY_LOOKING_UP);
  const page = `SELECT * FROM named c ORDER BY ${outside(terms.order)} LIMIT ${String(terms.limit + 1)}`;
  const sql = `WITH named AS MATERIALIZED (${candidates(terms, conditions)}) ${shown(`(${page})`, terms.order)}`;
  return { sql, parameters: conditions.parameters };
}

function shown(page: string, order: SearchOrder): string {
  return `${selectCertificates(page)} ORDER BY ${outside(order)}`;
}

function candidates({ query: { user_id, psk_id, issuance_id, status } }: SearchTerms, conditions: Conditions): string {
  const isByContext = user_id !== undefined || psk_id !== undefined || issuance_id !== undefined;
  const isRevoked = status === 'revoked';
  return [
    `SELECT c.*${isRevoked ? ', r.idx AS revoked_by' : ''} FROM ct.certificate c`,
    ...(isRevoked ? ['JOIN ct.revocation r ON r.fingerprint = c.fingerprint'] : []),
    ...(isByContext ? ['JOIN ct.private_context p ON p.idx = c.idx AND p.entry_type = 1'] : []),
    conditions.sql,
  ].join(' ');
}

/** Among the joined tables. */
function inside({ lead, columns }: SearchOrder): string {
  return [...(lead ? [lead.column] : []), ...columns].map((column) => `${column} DESC`).join(', ');
}

/** Among rows that were selected from them; the lead is the same for all. */
function outside({ columns }: SearchOrder): string {
  const names: Readonly<Record<string, string>> = { 'p.idx': 'c.idx', 'r.idx': 'c.revoked_by' };
  return columns.map((column) => `${names[column] ?? column} DESC`).join(', ');
}

/** All but name and status. */
function conditionsOf(terms: SearchTerms): Conditions {
  const { order, after, query } = terms;
  const conditions = new Conditions();
  addEqualities(conditions, query, order.lead);
  addRanges(conditions, terms);
  if (after === undefined) return conditions;
  const columns = [...(order.lead ? [order.lead.column] : []), ...order.columns];
  conditions.addRow(columns, '<', [...leadValue(order.lead), ...parametersOf(order.axis, after)]);
  return conditions;
}

/** The index of trigrams does not know it: it is compared where the row has been found. */
const UNINDEXED_NAME = "(c.common_name || '')";

function addName(conditions: Conditions, { query }: SearchTerms, column = 'c.common_name'): void {
  conditions.addGiven(`${column} ILIKE ?`, query.common_name, pattern);
}

function pattern(part: string): string {
  return `%${part.replace(/[\\%_]/g, '\\$&')}%`;
}

/** All but the lead's, which is part of the range. */
function addEqualities(conditions: Conditions, query: CertificateSearch, lead: Lead | undefined): void {
  const others: CertificateSearch = lead === undefined ? query : { ...query, [lead.field]: undefined };
  const bytes = (hex: string) => Buffer.from(hex, 'hex');
  conditions.addGiven('c.fingerprint = ?', others.fingerprint, bytes);
  conditions.addGiven('c.serial = ?', others.serial, bytes);
  conditions.addGiven('c.issuer = ?', others.issuer, bytes);
  conditions.addGiven('c.kind = ?', others.kind, (kind) => CERTIFICATE_KINDS.indexOf(kind) + 1);
  conditions.addGiven('p.user_id = ?', others.user_id);
  conditions.addGiven('p.psk_id = ?', others.psk_id);
  conditions.addGiven('p.issuance_id = ?', others.issuance_id);
}

const COLUMNS: Readonly<Record<Axis, string>> = { issue: 'c.idx', expiry: 'c.not_after', revocation: 'r.idx' };

/**
 * The lead is compared together with the axis, `(issuer, idx) < (…, …)`. By itself the database would know it for
 * constant, and might rather walk along another index past everything that is newer.
 */
function addRanges(conditions: Conditions, { order, ranges }: SearchTerms): void {
  for (const axis of ['issue', 'expiry', 'revocation'] as const) {
    const isOrder = axis === order.axis;
    const lead = isOrder ? order.lead : undefined;
    const [column = COLUMNS[axis]] = isOrder ? order.columns : [];
    const columns = lead ? [lead.column, column] : [column];
    const { from, to } = ranges[axis];
    // Said aloud for indexes that leave out what has no value.
    if (lead) conditions.add(`${lead.column} IS NOT NULL`);
    if (lead || from > 0) conditions.addRow(columns, '>=', [...leadValue(lead), ...parametersOf(axis, [from])]);
    if (lead || to < FOREVER) conditions.addRow(columns, '<', [...leadValue(lead), ...parametersOf(axis, [to])]);
  }
}

function leadValue(lead: Lead | undefined): readonly unknown[] {
  return lead ? [lead.value] : [];
}

function parametersOf(axis: Axis, [first = 0, ...rest]: readonly number[]): readonly unknown[] {
  return axis === 'expiry' ? [new Date(first), ...rest] : [first, ...rest];
}

/** Revoked means that the log held a revocation by then: the first one, for ever. Status `revoked` is a range of its axis. */
function addStatus(conditions: Conditions, { query: { status }, asOf }: SearchTerms, isRevoked: RevocationTest): void {
  if (status === 'valid' || status === 'expired') conditions.add(`NOT ${isRevoked}`, asOf);
}

type RevocationTest = typeof BY_ANY_PLAN | typeof BY_LOOKING_UP;

/** How many rows are left the database knows, and so which index to take. */
const BY_ANY_PLAN = 'EXISTS (SELECT FROM ct.revocation v WHERE v.fingerprint = c.fingerprint AND v.idx < ?)';
/** For few rows: otherwise it may read all revocations at once. */
const BY_LOOKING_UP = '(SELECT count(*) > 0 FROM ct.revocation v WHERE v.fingerprint = c.fingerprint AND v.idx < ?)';
