import { DerTag, octetString, oid, sequence } from './der';
import { LATEST_SECOND, secondsOf, type TimeWriter } from './crl-time';
import { Oid } from './oids';

export interface RevokedCertificate {
  /** Upper-case or lower-case hexadecimal, whole bytes, positive. */
  readonly serialNumber: string;
  readonly revokedAt: Date;
  /** CRLReason code (RFC 5280 §5.3.1); 0 is left out of the CRL, as the RFC asks. */
  readonly reason: number;
  /** When the certificate expires and may leave the CRL; never, where it is not known. */
  readonly notAfter?: Date;
}

const SERIAL_BYTES = 20;
/** Of a record: the serial number from its start, filled up with zeros on the left. */
const REASON_AT = SERIAL_BYTES;
const REVOKED_AT = REASON_AT + 1;
const NOT_AFTER_AT = REVOKED_AT + 4;
const RECORD_BYTES = NOT_AFTER_AT + 4;
/** Records that are allocated together: nothing has to be copied when more come. */
const CHUNK_SHIFT = 12;
const CHUNK = 1 << CHUNK_SHIFT;
const SMALLEST_INDEX = 64;
const UNSPECIFIED = 0;

/** The reasonCode extension up to the code, its last byte. */
export const reasonExtensionPrefix = ((): Buffer => {
  const extension = sequence(sequence(oid(Oid.reasonCode), octetString(Buffer.of(DerTag.enumerated, 1, 0))));
  return extension.subarray(0, extension.length - 1);
})();

/** The longest entry: headers, a serial number with its sign byte, GeneralizedTime, reason. All lengths fit one byte. */
export const longestEntryBytes = 2 + 2 + SERIAL_BYTES + 1 + 17 + reasonExtensionPrefix.length + 1;

/**
 * The revoked certificates of one issuer, in the order in which they were added: 29 bytes for each and an index by serial number,
 * where objects would take ten times as much. It only grows, and the first date and reason of a certificate stand.
 */
export class RevocationTable {
  private chunks: Buffer[] = [];
  /** Open addressing: position + 1, or 0 where there is none. Two thirds full at most. */
  private index = new Uint32Array(SMALLEST_INDEX);
  private count = 0;

  static of(revoked: Iterable<RevokedCertificate>): RevocationTable {
    const table = new RevocationTable();
    for (const certificate of revoked) table.add(certificate);
    return table;
  }

  get size(): number {
    return this.count;
  }

  /** What the table holds now, whatever is added to it later. Costs nothing. */
  snapshot(): RevokedList {
    const copy = new RevocationTable();
    copy.chunks = this.chunks;
    copy.index = this.index;
    copy.count = this.count;
    return copy;
  }

  /** Whether the certificate is new. @throws RangeError when a member of it does not fit a CRL */
  add({ serialNumber, revokedAt, reason, notAfter }: RevokedCertificate): boolean {
    if (this.count === this.chunks.length * CHUNK) this.chunks.push(Buffer.alloc(CHUNK * RECORD_BYTES));
    const chunk = this.chunkOf(this.count);
    const offset = offsetOf(this.count);
    writeSerial(chunk, offset, serialNumber);
    const slot = this.slotOf(chunk, offset, SERIAL_BYTES);
    if (this.index[slot] !== 0) return false;
    chunk[offset + REASON_AT] = reasonCode(reason);
    chunk.writeUInt32BE(secondsOf(revokedAt), offset + REVOKED_AT);
    chunk.writeUInt32BE(notAfter === undefined ? LATEST_SECOND : expirySecond(notAfter), offset + NOT_AFTER_AT);
    this.count += 1;
    this.index[slot] = this.count;
    if (this.count * 3 > this.index.length * 2) this.growIndex();
    return true;
  }

  /** The position of the serial number that stands in `bytes` as an unsigned number, or -1. */
  find(bytes: Buffer, start: number, end: number): number {
    let first = start;
    while (first < end - 1 && bytes[first] === 0) first += 1;
    if (end - first > SERIAL_BYTES || end <= first) return -1;
    const position = (this.index[this.slotOf(bytes, first, end - first)] ?? 0) - 1;
    return position < this.count ? position : -1;
  }

  revokedAtSecond(position: number): number {
    return this.chunkOf(position).readUInt32BE(offsetOf(position) + REVOKED_AT);
  }

  reason(position: number): number {
    return this.chunkOf(position)[offsetOf(position) + REASON_AT] ?? UNSPECIFIED;
  }

  /** Whether the certificate had not expired by `moment` and so must be listed. */
  isUnexpiredAt(position: number, moment: Date): boolean {
    return this.chunkOf(position).readUInt32BE(offsetOf(position) + NOT_AFTER_AT) * 1000 >= moment.getTime();
  }

  /** Writes the certificate's entry of a CRL (RFC 5280 §5.1.2.6) and answers the offset behind it. */
  writeEntry(position: number, target: Buffer, start: number, times: TimeWriter): number {
    const chunk = this.chunkOf(position);
    const offset = offsetOf(position);
    let end = writeInteger(target, start + 2, chunk, offset);
    end = times.write(target, end, chunk.readUInt32BE(offset + REVOKED_AT));
    const reason = chunk[offset + REASON_AT] ?? UNSPECIFIED;
    if (reason !== UNSPECIFIED) {
      target.set(reasonExtensionPrefix, end);
      end += reasonExtensionPrefix.length + 1;
      target[end - 1] = reason;
    }
    target[start] = DerTag.sequence;
    target[start + 1] = end - start - 2;
    return end;
  }

  private chunkOf(position: number): Buffer {
    const chunk = this.chunks[position >> CHUNK_SHIFT];
    if (chunk === undefined) throw new RangeError('there is no such position');
    return chunk;
  }

  /** Where the serial number stands in the index, or would be put. */
  private slotOf(bytes: Buffer, start: number, length: number): number {
    const mask = this.index.length - 1;
    let slot = hashOf(bytes, start, length) & mask;
    for (;;) {
      const found = this.index[slot] ?? 0;
      if (found === 0 || this.hasSerial(found - 1, bytes, start, length)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Compared from the end, where serial numbers differ; what the shorter one lacks must be zero in the record. */
  private hasSerial(position: number, bytes: Buffer, start: number, length: number): boolean {
    const chunk = this.chunkOf(position);
    const offset = offsetOf(position);
    for (let back = 1; back <= SERIAL_BYTES; back += 1) {
      const byte = back <= length ? bytes[start + length - back] : 0;
      if (chunk[offset + SERIAL_BYTES - back] !== byte) return false;
    }
    return true;
  }

  private growIndex(): void {
    this.index = new Uint32Array(this.index.length * 2);
    const mask = this.index.length - 1;
    for (let position = 0; position < this.count; position += 1) {
      let slot = hashOf(this.chunkOf(position), offsetOf(position), SERIAL_BYTES) & mask;
      while (this.index[slot] !== 0) slot = (slot + 1) & mask;
      this.index[slot] = position + 1;
    }
  }
}

/** A table that is only read. */
export type RevokedList = Pick<
  RevocationTable,
  'size' | 'find' | 'revokedAtSecond' | 'reason' | 'isUnexpiredAt' | 'writeEntry'
>;

const offsetOf = (position: number): number => (position & (CHUNK - 1)) * RECORD_BYTES;

/** Of the last four bytes: those of ours are random, and those of other tools count up. */
function hashOf(bytes: Buffer, start: number, length: number): number {
  let low = 0;
  for (let at = Math.max(0, length - 4); at < length; at += 1) low = (low << 8) | (bytes[start + at] ?? 0);
  const mixed = Math.imul(low, 0x9e37_79b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

function writeSerial(target: Buffer, offset: number, serialNumber: string): void {
  const length = serialNumber.length / 2;
  const start = offset + SERIAL_BYTES - length;
  if (!Number.isInteger(length) || length < 1 || length > SERIAL_BYTES) throw notASerial();
  target.fill(0, offset, start);
  if (target.write(serialNumber, start, length, 'hex') !== length) throw notASerial();
}

const notASerial = (): RangeError => new RangeError('a serial number is 1 to 20 bytes in hexadecimal');

/** The INTEGER of a record's serial number: leading zeros left out, a sign byte where the first bit is set. */
function writeInteger(target: Buffer, start: number, record: Buffer, offset: number): number {
  let first = offset;
  const last = offset + SERIAL_BYTES - 1;
  while (first < last && record[first] === 0) first += 1;
  let end = start + 2;
  if ((record[first] ?? 0) >= 0x80) {
    target[end] = 0;
    end += 1;
  }
  record.copy(target, end, first, last + 1);
  end += last + 1 - first;
  target[start] = DerTag.integer;
  target[start + 1] = end - start - 2;
  return end;
}

function reasonCode(reason: number): number {
  if (Number.isInteger(reason) && reason >= 0 && reason <= 10) return reason;
  throw new RangeError('a reason is a code of RFC 5280, 0 to 10');
}

/** Rounded up and cut to the latest that can be told: a certificate may stay on the list for longer, never for less. */
function expirySecond(date: Date): number {
  return Math.min(LATEST_SECOND, Math.max(0, Math.ceil(date.getTime() / 1000)));
}
