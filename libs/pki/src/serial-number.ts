import { randomBytes } from 'node:crypto';

declare const serialNumberBrand: unique symbol;

/** The serial number of a certificate of ours: 20 bytes as 40 upper-case hexadecimal digits, positive as an INTEGER. */
export type SerialNumber = string & { readonly [serialNumberBrand]: true };

const serialNumberPattern = /^(?!00)[0-7][0-9A-F]{39}$/;

/**
 * 20 random bytes with the top bit cleared (RFC 5280 §4.1.2.2 allows at most 20 octets, positive). The first byte is never
 * zero: DER would drop it, and every serial number has the same length everywhere.
 */
export function newSerialNumber(): SerialNumber {
  const bytes = randomBytes(20);
  const first = (bytes[0] ?? 0) & 0x7f;
  bytes[0] = first === 0 ? 1 : first;
  return parseSerialNumber(bytes.toString('hex').toUpperCase());
}

export function isSerialNumber(text: string): text is SerialNumber {
  return serialNumberPattern.test(text);
}

export function parseSerialNumber(text: string): SerialNumber {
  if (!isSerialNumber(text)) throw new RangeError('a serial number is 40 upper-case hexadecimal digits, top bit clear');
  return text;
}

export function serialNumberBytes(serialNumber: SerialNumber): Buffer {
  return Buffer.from(serialNumber, 'hex');
}
