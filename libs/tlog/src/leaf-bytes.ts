import { HASH_SIZE } from './merkle';
import { TlogError } from './tlog-error';

const MAX_U16 = 0xffff;

export function malformedLeaf(reason: string): TlogError {
  return new TlogError('malformed_leaf', reason);
}

/** Appends big-endian fields; each refuses a value that does not fit its width. */
export class LeafWriter {
  private readonly parts: Buffer[] = [];

  raw(bytes: Uint8Array): this {
    this.parts.push(Buffer.from(bytes));
    return this;
  }

  fixed(bytes: Uint8Array, length: number, what: string): this {
    if (bytes.length !== length) throw malformedLeaf(`${what} must be ${length} bytes`);
    return this.raw(bytes);
  }

  hash(bytes: Uint8Array, what: string): this {
    return this.fixed(bytes, HASH_SIZE, what);
  }

  u8(value: number): this {
    return this.raw(Buffer.of(value));
  }

  u64(value: number, what: string): this {
    if (!Number.isSafeInteger(value) || value < 0) throw malformedLeaf(`${what} must be a non-negative safe integer`);
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(value));
    return this.raw(bytes);
  }

  /** Two bytes of length, then the bytes, which must not be empty. */
  counted(bytes: Uint8Array, what: string): this {
    if (bytes.length === 0 || bytes.length > MAX_U16) throw malformedLeaf(`${what} must be 1 to ${MAX_U16} bytes`);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return this.raw(length).raw(bytes);
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

/** Reads what LeafWriter writes; running short or leaving bytes over is an error. */
export class LeafReader {
  private position = 0;

  constructor(private readonly buffer: Buffer) {}

  fixed(length: number): Buffer {
    const start = this.advance(length);
    return this.buffer.subarray(start, this.position);
  }

  hash(): Buffer {
    return this.fixed(HASH_SIZE);
  }

  u8(): number {
    return this.buffer.readUInt8(this.advance(1));
  }

  u64(what: string): number {
    const value = Number(this.buffer.readBigUInt64BE(this.advance(8)));
    if (!Number.isSafeInteger(value)) throw malformedLeaf(`${what} is beyond what can be represented exactly`);
    return value;
  }

  counted(what: string): Buffer {
    const length = this.buffer.readUInt16BE(this.advance(2));
    if (length === 0) throw malformedLeaf(`${what} must not be empty`);
    return this.fixed(length);
  }

  /** Answers where the bytes begin that have been passed over. */
  private advance(length: number): number {
    const start = this.position;
    if (start + length > this.buffer.length) throw malformedLeaf('the leaf is cut short');
    this.position = start + length;
    return start;
  }

  end(): void {
    if (this.position !== this.buffer.length) throw malformedLeaf('bytes are left over at the end of the leaf');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Refuses text that does not survive the way to UTF-8 and back, so lone surrogates. */
export function encodeUtf8(text: string, what: string): Buffer {
  if (/\p{Cs}/u.test(text)) throw malformedLeaf(`${what} must be valid Unicode`);
  return Buffer.from(text);
}

export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformedLeaf(`${what} must be valid UTF-8`);
  }
}
