import { type RevokedList, reasonExtensionPrefix } from './crl-revocations';
import { TimeReader } from './crl-time';
import type { Turns } from './crl-turns';
import { DerTag } from './der';
import { MalformedDer, readHeader } from './der-reader';

/** How many entries are read between two looks at the clock. */
const ENTRIES_PER_LOOK = 256;

/** What the entries of a CRL turn out to be when they are held against what has been revoked. */
export interface Listing {
  /** One bit for each position of the table: whether it is listed. */
  readonly listed: Uint8Array;
  /** What is wrong with an entry, one sentence; undefined where all are in order. */
  readonly wrongEntry: string | undefined;
}

/**
 * Reads the entries of a CRL that we made, each in full and strictly.
 * @param revoked the content of revokedCertificates
 * @throws MalformedDer when an entry is not exactly as we write them
 */
export async function readListing(revoked: Buffer | undefined, table: RevokedList, turns: Turns): Promise<Listing> {
  const listed = emptyMarks(table);
  const reader = new EntryReader(revoked ?? Buffer.alloc(0));
  let wrongEntry: string | undefined;
  for (let count = 0; reader.next(); count += 1) {
    if (count % ENTRIES_PER_LOOK === 0 && turns.isOver) await turns.next();
    const position = table.find(reader.bytes, reader.serialStart, reader.serialEnd);
    wrongEntry ??= wrongWith(reader, table, position, listed);
    if (position >= 0) mark(listed, position);
  }
  return { listed, wrongEntry };
}

function wrongWith(entry: EntryReader, table: RevokedList, position: number, listed: Uint8Array): string | undefined {
  if (position < 0) return 'a certificate that nobody has revoked is listed';
  if (isMarked(listed, position)) return 'a certificate is listed twice';
  if (entry.reason !== table.reason(position)) return 'the reason of an entry is not the recorded one';
  if (entry.revokedAtSecond !== table.revokedAtSecond(position)) return 'the date of an entry is not the recorded one';
  return undefined;
}

/** Whether everything that must be listed is: what had not expired by `listedFrom`. */
export async function isComplete(
  { listed }: Pick<Listing, 'listed'>,
  table: RevokedList,
  listedFrom: Date | undefined,
  turns: Turns,
): Promise<boolean> {
  for (let position = 0; position < table.size; position += 1) {
    if (position % ENTRIES_PER_LOOK === 0 && turns.isOver) await turns.next();
    if (isMarked(listed, position)) continue;
    if (listedFrom === undefined || table.isUnexpiredAt(position, listedFrom)) return false;
  }
  return true;
}

/**
 * Whether each certificate of an older CRL, which another tool may have made, stands on the new one as well or had expired by
 * `listedFrom`.
 */
export async function onlyExpiredLeft(
  previous: Buffer | undefined,
  { listed }: Pick<Listing, 'listed'>,
  table: RevokedList,
  listedFrom: Date | undefined,
  turns: Turns,
): Promise<boolean> {
  let offset = 0;
  for (let count = 0; previous !== undefined && offset < previous.length; count += 1) {
    if (count % ENTRIES_PER_LOOK === 0 && turns.isOver) await turns.next();
    const { serial, end } = serialAt(previous, offset);
    const position = table.find(previous, serial.start, serial.end);
    if (position < 0) return false;
    const mayLeave = listedFrom !== undefined && !table.isUnexpiredAt(position, listedFrom);
    if (!isMarked(listed, position) && !mayLeave) return false;
    offset = end;
  }
  return true;
}

/** Which positions of the table a CRL lists; what the table does not know is passed over. */
export async function listedPositions(
  revoked: Buffer | undefined,
  table: RevokedList,
  turns: Turns,
): Promise<Pick<Listing, 'listed'>> {
  const listed = emptyMarks(table);
  let offset = 0;
  for (let count = 0; revoked !== undefined && offset < revoked.length; count += 1) {
    if (count % ENTRIES_PER_LOOK === 0 && turns.isOver) await turns.next();
    const { serial, end } = serialAt(revoked, offset);
    const position = table.find(revoked, serial.start, serial.end);
    if (position >= 0) mark(listed, position);
    offset = end;
  }
  return { listed };
}

export interface SerialPlace {
  /** Of the INTEGER's content. */
  readonly serial: { readonly start: number; readonly end: number };
  /** Of the whole entry. */
  readonly end: number;
}

/** The serial number of the entry at `offset`, whatever else the entry holds. @throws MalformedDer */
export function serialAt(revoked: Buffer, offset: number): SerialPlace {
  const entry = readHeader(revoked, offset);
  if (entry.tag !== DerTag.sequence) throw new MalformedDer('a revoked certificate has an unexpected type');
  const serial = readHeader(revoked, entry.start);
  if (serial.tag !== DerTag.integer) throw new MalformedDer('a serial number has an unexpected type');
  return { serial, end: entry.end };
}

const emptyMarks = (table: RevokedList): Uint8Array => new Uint8Array((table.size >> 3) + 1);

function mark(marks: Uint8Array, position: number): void {
  marks[position >> 3] = (marks[position >> 3] ?? 0) | (1 << (position & 7));
}

function isMarked(marks: Uint8Array, position: number): boolean {
  return ((marks[position >> 3] ?? 0) & (1 << (position & 7))) !== 0;
}

const serialLength = { least: 1, most: 21 };

/** Walks the entries without making an object of each: of a large CRL there are hundreds of thousands. */
class EntryReader {
  serialStart = 0;
  serialEnd = 0;
  revokedAtSecond = 0;
  reason = 0;
  private offset = 0;
  private readonly times = new TimeReader();

  constructor(readonly bytes: Buffer) {}

  /** Whether there was another entry. @throws MalformedDer */
  next(): boolean {
    const { bytes, offset } = this;
    if (offset === bytes.length) return false;
    const end = this.shortElement(offset, DerTag.sequence);
    if (end > bytes.length) throw malformed();
    this.serialStart = offset + 4;
    this.serialEnd = this.shortElement(offset + 2, DerTag.integer);
    this.assertSerial();
    const dateEnd = this.serialEnd + 2 + (bytes[this.serialEnd + 1] ?? 0);
    if (dateEnd > end) throw malformed();
    this.revokedAtSecond = this.times.read(bytes, this.serialEnd);
    this.reason = this.reasonIn(dateEnd, end);
    this.offset = end;
    return true;
  }

  /** Where an element whose length fits one byte ends. */
  private shortElement(offset: number, tag: number): number {
    const length = this.bytes[offset + 1] ?? 0x80;
    if (this.bytes[offset] !== tag || length >= 0x80) throw malformed();
    return offset + 2 + length;
  }

  /** Positive and as short as can be. */
  private assertSerial(): void {
    const [first = 0x80, second = 0] = [this.bytes[this.serialStart], this.bytes[this.serialStart + 1]];
    const length = this.serialEnd - this.serialStart;
    const isPadded = first === 0 && length > 1 && second < 0x80;
    if (length < serialLength.least || length > serialLength.most || first >= 0x80 || isPadded) throw malformed();
  }

  private reasonIn(start: number, end: number): number {
    if (start === end) return 0;
    const prefixEnd = start + reasonExtensionPrefix.length;
    if (prefixEnd + 1 !== end || this.bytes.compare(reasonExtensionPrefix, 0, undefined, start, prefixEnd) !== 0) {
      throw malformed();
    }
    const reason = this.bytes[prefixEnd] ?? 0;
    if (reason === 0) throw malformed();
    return reason;
  }
}

const malformed = (): MalformedDer => new MalformedDer('a revoked certificate is not encoded as it should be');
