import { TlogError, type TlogErrorCode } from './tlog-error';

/**
 * Decodes standard base64 (RFC 4648 §4) in its one canonical spelling. `Buffer.from` alone skips what it does not know,
 * so that many texts would stand for the same bytes.
 */
export function decodeBase64(text: string, code: TlogErrorCode, what: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new TlogError(code, `${what} is not canonical base64`);
  return bytes;
}

/** Decodes a decimal without sign or leading zeros, up to the largest safe integer. */
export function decodeDecimal(text: string, code: TlogErrorCode, what: string): number {
  const value = Number(text);
  if (!/^(0|[1-9]\d{0,15})$/.test(text) || !Number.isSafeInteger(value)) {
    throw new TlogError(code, `${what} is not a canonical decimal`);
  }
  return value;
}
