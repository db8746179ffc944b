import { UnsafeValue } from './template-error';

/** What a template may see: JSON without surprises. */
export type TemplateValue =
  string | number | boolean | null | readonly TemplateValue[] | { readonly [name: string]: TemplateValue };

/** The variables of one rendering, by name. */
export type TemplateContext = Readonly<Record<string, TemplateValue>>;

/** Control characters (C0, DEL, C1) and the Unicode line separators: everything that some reader takes for a line end. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/** @returns whether the text may stand in one line of an OpenVPN configuration */
export function isPlainText(text: string): boolean {
  return !CONTROL.test(text);
}

/** @throws UnsafeValue naming the first value or key, at any depth, that contains a control character */
export function assertPlainValues(value: TemplateValue, path = ''): void {
  if (typeof value === 'string') {
    if (!isPlainText(value)) throw new UnsafeValue(path);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!isPlainText(key)) throw new UnsafeValue(path);
    assertPlainValues(inner, path === '' ? key : `${path}.${key}`);
  }
}

/**
 * Writes a value as one argument of an OpenVPN directive: in double quotes, with backslash and quote escaped, which is how
 * both OpenVPN 2 and OpenVPN 3 read it back.
 */
export function quoteArgument(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}
