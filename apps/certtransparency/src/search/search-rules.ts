import { type CertificateSearch, SERIAL_HEX } from '@libs/contracts';
import { type FieldError, InvalidRequest } from '@libs/http';

/**
 * Three letters or digits in a row, or fewer where the other side of a word's end is in sight: what a trigram can be made
 * of. Anything else would have every name looked at.
 */
export const INDEXABLE = /[\p{L}\p{N}]{3}|[\p{L}\p{N}]{2}[^\p{L}\p{N}]|[^\p{L}\p{N}][\p{L}\p{N}]/u;

const RANGES = [
  ['issued_from', 'issued_to'],
  ['expires_from', 'expires_to'],
] as const;

/** @throws InvalidRequest with everything that the fields' own types do not say */
export function checkSearch(query: CertificateSearch): void {
  const { serial, common_name: name, at, status } = query;
  const errors: FieldError[] = [...RANGES.flatMap(([from, to]) => checkRange(query, from, to)), ...checkDate('at', at)];
  if (serial !== undefined && !SERIAL_HEX.test(serial.toUpperCase())) {
    errors.push({ field: 'serial', message: 'serial must be 40 hex digits' });
  }
  if (name !== undefined && !INDEXABLE.test(name)) {
    errors.push({ field: 'common_name', message: 'common_name must have letters or digits' });
  }
  if (at !== undefined && status === undefined) {
    errors.push({ field: 'at', message: 'at is the moment of a status: status is missing' });
  }
  if (errors.length > 0) throw new InvalidRequest(errors);
}

type RangeField = (typeof RANGES)[number][number];

function checkRange(query: CertificateSearch, from: RangeField, to: RangeField): FieldError[] {
  const [start, end] = [query[from], query[to]];
  const errors = [...checkDate(from, start), ...checkDate(to, end)];
  if (errors.length > 0 || start === undefined || end === undefined || Date.parse(start) <= Date.parse(end)) {
    return errors;
  }
  return [{ field: from, message: `${from} must not be after ${to}` }];
}

/** The form was checked before; the 31st of February has it. */
function checkDate(field: RangeField | 'at', text: string | undefined): FieldError[] {
  if (text === undefined) return [];
  const date = new Date(text);
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text.slice(0, 19));
  return exists ? [] : [{ field, message: `${field} is not a date` }];
}
