/** Something that was asked for is not done. `message` is one or more whole sentences for the person at the terminal. */
export class Refused extends Error {
  override readonly name: string = 'Refused';
}

/** What `error` says; anything may be thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a system error, as `ENOENT`. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** Text from elsewhere must not control the terminal or reorder what is shown: such characters appear as their code point. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
