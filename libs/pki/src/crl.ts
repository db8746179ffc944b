import {
  DerTag,
  bitString,
  explicit,
  headerLength,
  integer,
  octetString,
  oid,
  sequence,
  time,
  writeHeader,
} from './der';
import { authorityKeyIdentifier, type Sign } from './certificate';
import { RevocationTable, type RevokedCertificate, type RevokedList, longestEntryBytes } from './crl-revocations';
import { TimeWriter } from './crl-time';
import { Turns } from './crl-turns';
import type { Issuer } from './issuer';
import { Oid } from './oids';

export interface CrlContent {
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** Listed in the order of the table or list. */
  readonly revoked: RevokedList | readonly RevokedCertificate[];
  /** Certificates that had expired by then are left out; none is where it is undefined. */
  readonly listedFrom?: Date;
}

const version2 = integer(1);
/** How many entries are written between two looks at the clock. */
const ENTRIES_PER_LOOK = 256;
const LONGEST_HEADER = 6;
/** Signature algorithm and signature, of RSA keys up to 8192 bits. */
const SIGNATURE_ROOM = 1_100;

/**
 * The bytes of a CRL while they come together: entries first, what stands around them to either side. One buffer from the first
 * entry to the signature, because a large CRL that is copied at every step takes several times its size in memory.
 */
class Assembly {
  private readonly buffer: Buffer;
  private start: number;
  private end: number;

  constructor(room: { readonly before: number; readonly behind: number }) {
    this.buffer = Buffer.allocUnsafeSlow(room.before + room.behind);
    this.start = room.before;
    this.end = room.before;
  }

  /** @param write writes at the offset and answers the one behind */
  appendWith(write: (target: Buffer, offset: number) => number): void {
    this.end = write(this.buffer, this.end);
  }

  append(bytes: Buffer): void {
    this.buffer.set(bytes, this.end);
    this.end += bytes.length;
  }

  prepend(bytes: Buffer): void {
    this.start -= bytes.length;
    this.buffer.set(bytes, this.start);
  }

  /** Makes one SEQUENCE of all that is there. */
  enclose(): void {
    const length = this.end - this.start;
    this.start -= headerLength(length);
    writeHeader(this.buffer, this.start, DerTag.sequence, length);
  }

  get isEmpty(): boolean {
    return this.start === this.end;
  }

  get bytes(): Buffer {
    return this.buffer.subarray(this.start, this.end);
  }
}

/** revokedCertificates is absent where nothing is revoked (RFC 5280 §5.1.2.6). */
async function assembleTbs(issuer: Issuer, content: CrlContent, turns: Turns): Promise<Assembly> {
  const { thisUpdate, nextUpdate } = content;
  const before = Buffer.concat([
    version2,
    issuer.signatureAlgorithm.der,
    issuer.subject,
    time(thisUpdate),
    time(nextUpdate),
  ]);
  const number = sequence(oid(Oid.crlNumber), octetString(integer(content.number)));
  const extensions = explicit(0, sequence(authorityKeyIdentifier(issuer.keyIdentifier), number));
  const table = isTable(content.revoked) ? content.revoked : RevocationTable.of(content.revoked);
  const assembly = new Assembly({
    before: before.length + 3 * LONGEST_HEADER,
    behind: table.size * longestEntryBytes + extensions.length + SIGNATURE_ROOM,
  });
  await writeEntries(assembly, table, content.listedFrom, turns);
  if (!assembly.isEmpty) assembly.enclose();
  assembly.prepend(before);
  assembly.append(extensions);
  assembly.enclose();
  return assembly;
}

async function writeEntries(
  assembly: Assembly,
  table: RevokedList,
  listedFrom: Date | undefined,
  turns: Turns,
): Promise<void> {
  const times = new TimeWriter();
  for (let position = 0; position < table.size; position += 1) {
    if (position % ENTRIES_PER_LOOK === 0 && turns.isOver) await turns.next();
    if (listedFrom !== undefined && !table.isUnexpiredAt(position, listedFrom)) continue;
    assembly.appendWith((target, offset) => table.writeEntry(position, target, offset, times));
  }
}

/**
 * The TBSCertList (RFC 5280 §5.1) of a complete CRL: version 2, authority key identifier and CRL number, never a delta, never an
 * issuing distribution point (both let revoked clients in or lock good ones out).
 */
export async function buildCrlTbs(issuer: Issuer, content: CrlContent, turns = new Turns()): Promise<Buffer> {
  return (await assembleTbs(issuer, content, turns)).bytes;
}

/** A signed CRL in DER, made in turns. Lint it before it is published: {@link lintCrl}. */
export async function buildCrl(issuer: Issuer, content: CrlContent, sign: Sign, turns = new Turns()): Promise<Buffer> {
  const assembly = await assembleTbs(issuer, content, turns);
  const signature = await sign(assembly.bytes);
  assembly.append(issuer.signatureAlgorithm.der);
  assembly.append(bitString(signature));
  assembly.enclose();
  return assembly.bytes;
}

const isTable = (revoked: CrlContent['revoked']): revoked is RevokedList => 'writeEntry' in revoked;
