const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f';
/** Of the invisible ones those that have ranges of their own; the rest are for the service to refuse. */
const INVISIBLE = `${CONTROL}\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff`;

const CLASSES: Readonly<Record<string, string>> = {
  '\\p{Cc}': CONTROL,
  '\\p{C}': INVISIBLE,
  '\\p{Zl}': '\\u2028',
  '\\p{Zp}': '\\u2029',
};

/**
 * A pattern that means the same with and without the flag `u`, which many readers of OpenAPI do not set: to them `\p{C}` is one of
 * five letters.
 *
 * @throws Error for a property of characters that is not known here
 */
export function portablePattern(pattern: string): string {
  const negated = pattern.replaceAll('\\P{Cc}', `[^${CONTROL}]`);
  const portable = Object.entries(CLASSES).reduce((text, [from, to]) => text.replaceAll(from, to), negated);
  if (/\\p\{/i.test(portable)) throw new Error(`there is no portable form of ${pattern}`);
  return portable;
}
