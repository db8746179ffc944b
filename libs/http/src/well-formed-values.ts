import type { FieldError } from './domain-error';

/** Deeper than any body of ours, and far from where a recursive reader of it runs out of stack. */
const MAX_DEPTH = 32;
/** NUL, which PostgreSQL keeps in no text, and half a surrogate pair, which has no UTF-8 form. */
const NO_TEXT = /[\0\p{Cs}]/u;

interface Place {
  readonly field: string;
  readonly value: unknown;
  readonly depth: number;
}

/**
 * The first value within a body or query that nothing of ours could keep, send on or sign, wherever it stands; undefined for
 * one that is fit to be looked at by its own rules.
 */
export function unfitValueIn(value: unknown): FieldError | undefined {
  const pending: Place[] = [{ field: '', value, depth: 0 }];
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    const { field } = place;
    if (place.depth > MAX_DEPTH) return { field, message: 'the request is nested too deeply' };
    if (typeof place.value === 'string' && NO_TEXT.test(place.value)) {
      return { field, message: `${field === '' ? 'the body' : field} must be text without NUL and half characters` };
    }
    pending.push(...membersOf(place));
  }
  return undefined;
}

function membersOf({ field, value, depth }: Place): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const members = Object.entries(value).map(([name, member]: [string, unknown]) => ({
    field: field === '' ? name : `${field}.${name}`,
    value: member,
    depth: depth + 1,
  }));
  return members.reverse();
}
