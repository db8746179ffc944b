import { randomInt } from 'node:crypto';

/** No vowels, which would make words, and nothing that looks like something else (RFC 8628 §6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;

/** 20^8 possibilities, as a person reads them: `BCDF-GHJK`. */
export function newUserCode(): string {
  const code = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)] ?? '').join('');
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** @returns the code as we print it, however a person typed it; undefined for a text that cannot be one */
export function parseUserCode(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > 32) return undefined;
  const code = text.toUpperCase().replace(/[\s-]/g, '');
  const isOne = code.length === LENGTH && Array.from(code).every((letter) => LETTERS.includes(letter));
  return isOne ? `${code.slice(0, 4)}-${code.slice(4)}` : undefined;
}
