import { createHash } from 'node:crypto';
import { BULK_CONFIRMATION, type BulkRevocationCriteria } from '@libs/contracts';
import { InvalidRequest } from '@libs/http';

const CRITERIA = ['user_id', 'psk_id', 'issuer'] as const;

/** Whose certificates are meant. */
export interface Criterion {
  readonly field: (typeof CRITERIA)[number];
  readonly value: string;
}

/** The active certificates of a criterion when the log had `size` entries: a set that never changes. */
export interface ConfirmedSet {
  readonly size: number;
  /** What had expired by then is not among them; milliseconds since 1970. */
  readonly moment: number;
  readonly count: number;
  /** Over the criterion and the fingerprints, lower-case hex. */
  readonly digest: string;
}

/** @throws InvalidRequest unless exactly one is given */
export function criterionOf(query: BulkRevocationCriteria): Criterion {
  const [criterion, ...others] = CRITERIA.flatMap((field) => {
    const value = query[field];
    return value === undefined ? [] : [{ field, value }];
  });
  if (criterion === undefined || others.length > 0) {
    const message = `exactly one of ${CRITERIA.join(', ')} must be given`;
    throw new InvalidRequest([{ field: others[0]?.field ?? CRITERIA[0], message }]);
  }
  return criterion;
}

/** @param fingerprints SHA-256 of all fingerprints, one after the other in the order of the log */
export function setDigest({ field, value }: Criterion, fingerprints: Buffer): string {
  return createHash('sha256').update(`OVPN bulk revocation\n${field}=${value}\n`).update(fingerprints).digest('hex');
}

export function printConfirmation({ size, moment, count, digest }: ConfirmedSet): string {
  return [size, moment, count, digest].join('.');
}

/** @throws InvalidRequest for what `printConfirmation` never wrote */
export function parseConfirmation(text: string): ConfirmedSet {
  const [size, moment, count] = text.split('.').map(Number);
  const digest = text.slice(-64);
  const set = { size: size ?? NaN, moment: moment ?? NaN, count: count ?? NaN, digest };
  const isDate = set.moment <= MAX_DATE && [set.size, set.count].every(Number.isSafeInteger);
  if (BULK_CONFIRMATION.test(text) && isDate && printConfirmation(set) === text) return set;
  throw new InvalidRequest([{ field: 'confirmation', message: 'confirmation must be one that a preview answered' }]);
}

/** The last millisecond that a Date holds. */
const MAX_DATE = 8.64e15;
