/** Between the groups of a claim that is one text; LemonLDAP::NG writes `; `. */
const SEPARATOR = /,|; /;
/** More groups than a person has; a longer claim is cut, so that it cannot fill a column or slow a page. */
const MAX_GROUPS = 1_000;
const MAX_GROUP_LENGTH = 256;

/**
 * The value of a possibly nested claim: `groups`, or `realm_access.roles` for a claim inside another.
 * A claim whose own name contains dots, such as a URL, is found first.
 */
export function claimAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

/**
 * Groups out of a claim of any shape that providers send: a list, a list of objects with a `name`, a string separated
 * by commas or semicolons, a single string, null, or nothing at all. What is not text is left out, never turned into text.
 *
 * @returns distinct, trimmed, non-empty names in the order of the claim
 */
export function groupsOf(claim: unknown): readonly string[] {
  const items: readonly unknown[] =
    typeof claim === 'string' ? claim.split(SEPARATOR) : Array.isArray(claim) ? claim : [];
  const groups = new Set<string>();
  for (const item of items.slice(0, MAX_GROUPS)) {
    const name = nameOf(item)?.trim();
    if (name !== undefined && name !== '' && name.length <= MAX_GROUP_LENGTH) groups.add(name);
  }
  return [...groups];
}

function nameOf(item: unknown): string | undefined {
  if (typeof item === 'string') return item;
  if (typeof item !== 'object' || item === null || !Object.hasOwn(item, 'name')) return undefined;
  const { name } = item as { readonly name: unknown };
  return typeof name === 'string' ? name : undefined;
}
