import { InvalidRequest } from '@libs/http';

/** An opaque position in a list that is ordered by log index. */
export function printCursor(index: number): string {
  return Buffer.from(`v1:${String(index)}`).toString('base64url');
}

/** @throws InvalidRequest for anything that `printCursor` did not make */
export function parseCursor(cursor: string): number {
  const [, digits] = /^v1:(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  const index = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(index) || printCursor(index) !== cursor) {
    throw new InvalidRequest([{ field: 'cursor', message: 'cursor is not one that this service made' }]);
  }
  return index;
}
