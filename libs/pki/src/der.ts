/**
 * A small writer for DER (X.690): just the types that certificates, requests and CRLs need. Every function returns the
 * complete element, tag and length included, so that pieces which never change can be prepared once and reused.
 */

export const DerTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The number of bytes that tag and length take in front of `contentLength` bytes of content. */
export function headerLength(contentLength: number): number {
  if (contentLength < 0x80) return 2;
  if (contentLength < 0x100) return 3;
  if (contentLength < 0x10000) return 4;
  return contentLength < 0x1000000 ? 5 : 6;
}

/** Writes tag and length at `offset` and returns the offset behind them. */
export function writeHeader(target: Buffer, offset: number, tag: number, contentLength: number): number {
  target[offset] = tag;
  const lengthBytes = headerLength(contentLength) - 2;
  if (lengthBytes === 0) {
    target[offset + 1] = contentLength;
    return offset + 2;
  }
  target[offset + 1] = 0x80 | lengthBytes;
  target.writeUIntBE(contentLength, offset + 2, lengthBytes);
  return offset + 2 + lengthBytes;
}

/** One element with the given tag whose content is the concatenation of `parts`. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const result = Buffer.allocUnsafe(headerLength(length) + length);
  let offset = writeHeader(result, 0, tag, length);
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(DerTag.sequence, ...parts);

/** A SET of one element: DER wants several sorted, and nothing here needs several. */
export const setOf = (part: Uint8Array): Buffer => element(DerTag.set, part);

export const octetString = (content: Uint8Array): Buffer => element(DerTag.octetString, content);

export const utf8String = (text: string): Buffer => element(DerTag.utf8String, Buffer.from(text, 'utf8'));

/** `[n] EXPLICIT`: a constructed context tag around complete elements. */
export const explicit = (n: number, ...parts: readonly Uint8Array[]): Buffer => element(0xa0 | n, ...parts);

/** `[n] IMPLICIT` of a primitive type: the content under a context tag. */
export const implicit = (n: number, content: Uint8Array): Buffer => element(0x80 | n, content);

export const derTrue: Buffer = Buffer.from([DerTag.boolean, 1, 0xff]);
export const derNull: Buffer = Buffer.from([DerTag.null, 0]);

const zero = Buffer.of(0);

/** A non-negative INTEGER from its big-endian bytes; leading zeros are dropped, a sign byte is added where needed. */
export function unsignedInteger(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const magnitude = bytes.length === 0 ? zero : bytes.subarray(start);
  const needsSign = ((magnitude[0] ?? 0) & 0x80) !== 0;
  return needsSign ? element(DerTag.integer, zero, magnitude) : element(DerTag.integer, magnitude);
}

/** A non-negative INTEGER from a number or bigint. */
export function integer(value: number | bigint): Buffer {
  if (value < 0 || (typeof value === 'number' && !Number.isSafeInteger(value))) {
    throw new RangeError('only non-negative whole numbers can be written');
  }
  const hex = value.toString(16);
  return unsignedInteger(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

/** A BIT STRING of whole bytes (signatures, public keys). */
export const bitString = (content: Uint8Array): Buffer => element(DerTag.bitString, zero, content);

/** A BIT STRING that is a list of named flags: bit 0 is the first; trailing zero bits are cut, as DER demands. */
export function namedBits(bits: readonly number[]): Buffer {
  const highest = Math.max(-1, ...bits);
  const content = Buffer.alloc(Math.ceil((highest + 1) / 8));
  for (const bit of bits) content[bit >> 3] = (content[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  const unused = content.length * 8 - (highest + 1);
  return element(DerTag.bitString, Buffer.of(unused), content);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const arcs = dotted.split('.').map(Number);
  const [first, second, ...rest] = arcs;
  if (first === undefined || second === undefined || arcs.some((arc) => !Number.isSafeInteger(arc) || arc < 0)) {
    throw new RangeError(`not an object identifier: ${dotted}`);
  }
  const content: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) content.push(...base128(arc));
  return element(DerTag.oid, Buffer.from(content));
}

function base128(value: number): number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) | 0x80);
  return digits;
}

/**
 * A Time (RFC 5280 §4.1.2.5): UTCTime until the end of 2049, GeneralizedTime from 2050 on, always whole seconds and `Z`.
 * Fractions of a second are cut off.
 */
export function time(date: Date): Buffer {
  const compact = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  const year = date.getUTCFullYear();
  if (!/^\d{14}$/.test(compact)) throw new RangeError('the date is outside the years 0000 to 9999');
  return year >= 1950 && year < 2050
    ? element(DerTag.utcTime, Buffer.from(`${compact.slice(2)}Z`, 'latin1'))
    : element(DerTag.generalizedTime, Buffer.from(`${compact}Z`, 'latin1'));
}
