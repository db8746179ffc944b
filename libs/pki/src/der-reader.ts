import { DerTag } from './der';

/** The bytes are not the DER that was expected. The message says what is wrong, without quoting the input. */
export class MalformedDer extends Error {
  override readonly name = 'MalformedDer';
}

export interface DerElement {
  readonly tag: number;
  /** Without tag and length. */
  readonly content: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
  /** Reads what is inside. */
  enter(): DerReader;
}

export interface DerHeader {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads tag and length at `offset`; `start` and `end` enclose the content. Strict: definite, minimal lengths and
 * single-byte tags only, and the content must end before `limit`.
 */
export function readHeader(bytes: Buffer, offset: number, limit = bytes.length): DerHeader & DerElement {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined || offset + 2 > limit) {
    throw new MalformedDer('the data ends inside an element');
  }
  if ((tag & 0x1f) === 0x1f) throw new MalformedDer('tags of several bytes are not accepted');
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first - 0x80;
    if (count === 0 || count > 4) throw new MalformedDer('a length is indefinite or too large');
    if (start + count > limit) throw new MalformedDer('the data ends inside a length');
    length = bytes.readUIntBE(start, count);
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw new MalformedDer('a length is not minimal');
    start += count;
  }
  if (start + length > limit) throw new MalformedDer('an element is longer than the data');
  return new FoundElement(bytes, offset, tag, start, start + length);
}

/** Cuts its bytes out when they are asked for: of most elements either content or whole is, never both. */
class FoundElement implements DerElement, DerHeader {
  constructor(
    private readonly bytes: Buffer,
    private readonly offset: number,
    readonly tag: number,
    readonly start: number,
    readonly end: number,
  ) {}

  get content(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }

  get whole(): Buffer {
    return this.bytes.subarray(this.offset, this.end);
  }

  enter(): DerReader {
    return new DerReader(this.bytes, this.start, this.end);
  }
}

/** Walks the elements of one level, in order. Everything that is not asked for must be refused with `end()`. */
export class DerReader {
  constructor(
    private readonly bytes: Buffer,
    private offset = 0,
    private readonly limit = bytes.length,
  ) {}

  /** The single element that makes up all of `bytes`. */
  static only(bytes: Buffer, tag: number, what: string): DerElement {
    const reader = new DerReader(bytes);
    const result = reader.next(tag, what);
    reader.end(what);
    return result;
  }

  get done(): boolean {
    return this.offset === this.limit;
  }

  get nextTag(): number | undefined {
    return this.done ? undefined : this.bytes[this.offset];
  }

  /** The next element, whatever its tag. */
  any(what: string): DerElement {
    if (this.done) throw new MalformedDer(`${what} is missing`);
    const element = readHeader(this.bytes, this.offset, this.limit);
    this.offset = element.end;
    return element;
  }

  next(tag: number, what: string): DerElement {
    const result = this.any(what);
    if (result.tag !== tag) throw new MalformedDer(`${what} has an unexpected type`);
    return result;
  }

  optional(tag: number, what: string): DerElement | undefined {
    return this.nextTag === tag ? this.next(tag, what) : undefined;
  }

  enter(tag: number, what: string): DerReader {
    return this.next(tag, what).enter();
  }

  /** All elements that are left. */
  rest(what: string): DerElement[] {
    const items: DerElement[] = [];
    while (!this.done) items.push(this.any(what));
    return items;
  }

  end(what: string): void {
    if (!this.done) throw new MalformedDer(`${what} has data behind its end`);
  }
}

/** The content of an INTEGER as big-endian bytes, sign byte included; refuses encodings that are not minimal. */
export function integerContent(item: DerElement, what: string): Buffer {
  const [first, second] = item.content;
  if (item.tag !== DerTag.integer || first === undefined) throw new MalformedDer(`${what} is not an INTEGER`);
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw new MalformedDer(`${what} is not minimally encoded`);
  }
  return item.content;
}

/** A non-negative INTEGER as bigint. */
export function unsignedValue(item: DerElement, what: string): bigint {
  const content = integerContent(item, what);
  if ((content[0] ?? 0) >= 0x80) throw new MalformedDer(`${what} is negative`);
  return BigInt(`0x${content.toString('hex')}`);
}

/** Every certificate has the same few, and spelling them out would take longer than the rest of reading it. */
const knownOids = new Map<string, string>();
const maximumKnown = { count: 200, bytes: 16 } as const;

/** The dotted form of an OBJECT IDENTIFIER. */
export function oidText(item: DerElement, what: string): string {
  const bytes = item.content;
  const key = item.tag === DerTag.oid ? bytes.toString('latin1') : '';
  const known = knownOids.get(key);
  if (known !== undefined) return known;
  const text = dottedForm(item.tag, bytes, what);
  if (knownOids.size < maximumKnown.count && bytes.length <= maximumKnown.bytes) knownOids.set(key, text);
  return text;
}

function dottedForm(tag: number, bytes: Buffer, what: string): string {
  if (tag !== DerTag.oid || bytes.length === 0 || (bytes[bytes.length - 1] ?? 0) >= 0x80) {
    throw new MalformedDer(`${what} is not an OBJECT IDENTIFIER`);
  }
  const arcs: number[] = [];
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(value)) throw new MalformedDer(`${what} has an arc that is too large`);
    if (byte < 0x80) {
      arcs.push(value);
      value = 0;
    }
  }
  const head = arcs[0] ?? 0;
  const first = Math.min(2, Math.floor(head / 40));
  return [first, head - first * 40, ...arcs.slice(1)].join('.');
}

/** The bytes of a BIT STRING without unused bits. */
export function wholeBytes(item: DerElement, what: string): Buffer {
  if (item.tag !== DerTag.bitString || item.content[0] !== 0)
    throw new MalformedDer(`${what} is not a string of bytes`);
  return item.content.subarray(1);
}

/** The positions of the set flags of a named BIT STRING. */
export function setBits(item: DerElement, what: string): number[] {
  if (item.tag !== DerTag.bitString || item.content.length === 0) throw new MalformedDer(`${what} is not a BIT STRING`);
  const bytes = item.content.subarray(1);
  const bits: number[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    if (((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0) bits.push(bit);
  }
  return bits;
}

const ZERO = 0x30;
const LETTER_Z = 0x5a;

/** UTCTime or GeneralizedTime in the one form that RFC 5280 §4.1.2.5 allows: whole seconds and `Z`. */
export function timeValue(item: DerElement, what: string): Date {
  const text = item.content;
  const yearDigits = item.tag === DerTag.utcTime ? 2 : 4;
  const isTime = item.tag === DerTag.utcTime || item.tag === DerTag.generalizedTime;
  if (!isTime || text.length !== yearDigits + 11 || text[text.length - 1] !== LETTER_Z || !hasDigits(text)) {
    throw new MalformedDer(`${what} is not a time in whole seconds of UTC`);
  }
  const pair = (position: number) => ((text[position] ?? 0) - ZERO) * 10 + (text[position + 1] ?? 0) - ZERO;
  const [rest, year] = yearDigits === 4 ? [4, pair(0) * 100 + pair(2)] : [2, pair(0) + (pair(0) < 50 ? 2000 : 1900)];
  const [month, day, hour, minute, second] = [
    pair(rest),
    pair(rest + 2),
    pair(rest + 4),
    pair(rest + 6),
    pair(rest + 8),
  ];
  const isDate = day >= 1 && day <= daysIn(year, month);
  if (!isDate || hour > 23 || minute > 59 || second > 59) throw new MalformedDer(`${what} is not a date`);
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // Date.UTC takes the first hundred years for those of the twentieth century.
  if (year < 100) date.setUTCFullYear(year, month - 1, day);
  return date;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** 0 for a month that there is not. */
function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
}

function hasDigits(text: Buffer): boolean {
  for (let i = 0; i < text.length - 1; i += 1) {
    const digit = (text[i] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return false;
  }
  return true;
}
