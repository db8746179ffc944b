import { DerTag, element, explicit, headerLength, integer, octetString, oid, sequence, time, writeHeader } from './der';
import { authorityKeyIdentifier, signTbs, type Sign } from './certificate';
import type { Issuer } from './issuer';
import { Oid } from './oids';

export interface RevokedCertificate {
  /** Upper-case or lower-case hexadecimal, whole bytes, positive. */
  readonly serialNumber: string;
  readonly revokedAt: Date;
  /** CRLReason code (RFC 5280 §5.3.1); 0 is left out of the CRL, as the RFC asks. */
  readonly reason: number;
}

export interface CrlContent {
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** In an order of the caller's choice; certificates that have expired are left out by the caller. */
  readonly revoked: readonly RevokedCertificate[];
}

const version2 = integer(1);
const unspecified = 0;
const reasonExtensionPrefix = ((): Buffer => {
  const extension = sequence(sequence(oid(Oid.reasonCode), octetString(Buffer.of(DerTag.enumerated, 1, 0))));
  return extension.subarray(0, extension.length - 1);
})();
const reasonExtensionLength = reasonExtensionPrefix.length + 1;

/** Times repeat within a second, and formatting one costs more than all else of an entry. */
class TimeCache {
  private lastSecond = Number.NaN;
  private lastDer: Buffer = Buffer.alloc(0);

  der(date: Date): Buffer {
    const second = Math.floor(date.getTime() / 1000);
    if (second !== this.lastSecond) {
      this.lastSecond = second;
      this.lastDer = time(date);
    }
    return this.lastDer;
  }
}

/** The longest entry: headers, 21 bytes of serial number, GeneralizedTime, reason. All lengths fit one byte. */
const maximumEntryLength = 2 + 2 + 21 + 17 + 32;

function writeEntry(target: Buffer, start: number, entry: RevokedCertificate, date: Buffer): number {
  let offset = start + 2;
  const serialStart = offset + 2;
  let serialLength = target.write(entry.serialNumber, serialStart, 'hex');
  if (serialLength * 2 !== entry.serialNumber.length || serialLength === 0 || serialLength > 20) {
    throw new RangeError('a serial number is 1 to 20 bytes in hexadecimal');
  }
  if ((target[serialStart] ?? 0) >= 0x80) {
    target.copyWithin(serialStart + 1, serialStart, serialStart + serialLength);
    target[serialStart] = 0;
    serialLength += 1;
  }
  target[offset] = DerTag.integer;
  target[offset + 1] = serialLength;
  offset = serialStart + serialLength;
  target.set(date, offset);
  offset += date.length;
  if (entry.reason !== unspecified) {
    target.set(reasonExtensionPrefix, offset);
    offset += reasonExtensionLength;
    target[offset - 1] = entry.reason;
  }
  target[start] = DerTag.sequence;
  target[start + 1] = offset - start - 2;
  return offset;
}

/** revokedCertificates: absent where nothing is revoked (RFC 5280 §5.1.2.6). */
function revokedCertificates(revoked: readonly RevokedCertificate[]): Buffer {
  if (revoked.length === 0) return Buffer.alloc(0);
  const room = headerLength(0xffffff + 1);
  const buffer = Buffer.allocUnsafe(room + revoked.length * maximumEntryLength);
  const times = new TimeCache();
  let end = room;
  for (const entry of revoked) end = writeEntry(buffer, end, entry, times.der(entry.revokedAt));
  const start = room - headerLength(end - room);
  writeHeader(buffer, start, DerTag.sequence, end - room);
  return buffer.subarray(start, end);
}

/**
 * The TBSCertList (RFC 5280 §5.1) of a complete CRL: version 2, authority key identifier and CRL number, never a delta, never an
 * issuing distribution point (both let revoked clients in or lock good ones out).
 */
export function buildCrlTbs(issuer: Issuer, content: CrlContent): Buffer {
  const number = sequence(oid(Oid.crlNumber), octetString(integer(content.number)));
  return element(
    DerTag.sequence,
    version2,
    issuer.signatureAlgorithm.der,
    issuer.subject,
    time(content.thisUpdate),
    time(content.nextUpdate),
    revokedCertificates(content.revoked),
    explicit(0, sequence(authorityKeyIdentifier(issuer.keyIdentifier), number)),
  );
}

/** A signed CRL in DER. Lint it before it is published: {@link lintCrl}. */
export function buildCrl(issuer: Issuer, content: CrlContent, sign: Sign): Promise<Buffer> {
  return signTbs(buildCrlTbs(issuer, content), issuer.signatureAlgorithm, sign);
}

/** The label that OpenSSL, and so OpenVPN, expects; it refuses `CRL`. */
export const crlPemLabel = 'X509 CRL';
