import { createHash } from 'node:crypto';
import type { CertificateSearch } from '@libs/contracts';
import { InvalidRequest } from '@libs/http';

/** Where a page ended. */
export interface SearchPosition {
  /** The moment of the first page, so that all pages of a search are about the same one; milliseconds since 1970. */
  readonly moment: number;
  /** What the list is ordered by, of the page's last item. */
  readonly keys: readonly number[];
}

/** The last millisecond that a Date holds; no log has as many entries. */
const MAX_NUMBER = 8.64e15;
const CURSOR = /^v1:([\w-]{16}):(\d{1,16}):(\d{1,16}(?:,\d{1,16})?)$/;

/** An opaque position in the list that a search answers, of no use for another search. */
export function printCursor(search: CertificateSearch, { moment, keys }: SearchPosition): string {
  return Buffer.from(`v1:${digestOf(search)}:${String(moment)}:${keys.join(',')}`).toString('base64url');
}

/**
 * @param keyCount how many numbers the list is ordered by
 * @throws InvalidRequest for anything that `printCursor` did not make for a search of the same conditions
 */
export function parseCursor(search: CertificateSearch, cursor: string, keyCount: number): SearchPosition {
  const [, digest, moment, keys] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (moment === undefined || keys === undefined) throw refused('cursor is not one that this service made');
  if (digest !== digestOf(search)) throw refused('cursor belongs to a search with other conditions');
  const position = { moment: Number(moment), keys: keys.split(',').map(Number) };
  const isOurs =
    position.keys.length === keyCount &&
    [position.moment, ...position.keys].every((number) => number <= MAX_NUMBER) &&
    printCursor(search, position) === cursor;
  if (!isOurs) throw refused('cursor is not one that this service made');
  return position;
}

/** Of the conditions alone: the size of a page may change on the way. */
function digestOf(search: CertificateSearch): string {
  const conditions = Object.entries(search).filter(([name]) => name !== 'limit' && name !== 'cursor');
  return createHash('sha256').update(JSON.stringify(conditions.sort())).digest('base64url').slice(0, 16);
}

function refused(message: string): InvalidRequest {
  return new InvalidRequest([{ field: 'cursor', message }]);
}
