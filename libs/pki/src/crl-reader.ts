import { DerTag } from './der';
import { serialAt } from './crl-listing';
import { DerReader, timeValue, unsignedValue, wholeBytes } from './der-reader';
import { type ParsedExtension, authorityKeyIdentifierOf, extensionOf, parseExtensions } from './certificate-reader';
import type { Issuer } from './issuer';
import { Oid } from './oids';
import { knownSignatureAlgorithm, verifySignature } from './signature-algorithm';
import { verify, type VerifyKeyObjectInput } from 'node:crypto';
import { promisify } from 'node:util';

export interface ParsedCrl {
  readonly der: Buffer;
  readonly tbs: Buffer;
  readonly version: number;
  readonly tbsSignatureAlgorithm: Buffer;
  readonly issuer: Buffer;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  readonly extensions: readonly ParsedExtension[];
  /** The content of revokedCertificates, undefined where the field is absent; read it with {@link crlEntries}. */
  readonly revoked: Buffer | undefined;
  readonly signatureAlgorithm: Buffer;
  readonly signature: Buffer;
}

const isTime = (tag: number | undefined): boolean => tag === DerTag.utcTime || tag === DerTag.generalizedTime;

/** Strict: anything that is not the DER of one CRL is a MalformedDer. The entries are walked only when asked for. */
export function parseCrl(der: Buffer): ParsedCrl {
  const fields = DerReader.only(der, DerTag.sequence, 'the CRL').enter();
  const tbs = fields.next(DerTag.sequence, 'the CRL information');
  const signatureAlgorithm = fields.next(DerTag.sequence, 'the signature algorithm').whole;
  const signature = wholeBytes(fields.next(DerTag.bitString, 'the signature'), 'the signature');
  fields.end('the CRL');
  const list = tbs.enter();
  const version = list.optional(DerTag.integer, 'the version');
  const tbsSignatureAlgorithm = list.next(DerTag.sequence, 'the signature algorithm').whole;
  const issuer = list.next(DerTag.sequence, 'the issuer').whole;
  const thisUpdate = timeValue(list.any('thisUpdate'), 'thisUpdate');
  const nextUpdate = isTime(list.nextTag) ? timeValue(list.any('nextUpdate'), 'nextUpdate') : undefined;
  const revoked = list.optional(DerTag.sequence, 'the revoked certificates')?.content;
  const extensions = parseExtensions(list.optional(0xa0, 'the extensions'));
  list.end('the CRL information');
  return {
    der,
    tbs: tbs.whole,
    version: version === undefined ? 1 : Number(unsignedValue(version, 'the version')) + 1,
    tbsSignatureAlgorithm,
    issuer,
    thisUpdate,
    nextUpdate,
    extensions,
    revoked,
    signatureAlgorithm,
    signature,
  };
}

/** The CRL number; undefined where there is none. */
export function crlNumberOf(crl: ParsedCrl): bigint | undefined {
  const extension = extensionOf(crl.extensions, Oid.crlNumber);
  return (
    extension && unsignedValue(DerReader.only(extension.value, DerTag.integer, 'the CRL number'), 'the CRL number')
  );
}

/** The authority key identifier; undefined where there is none. */
export function crlAuthorityOf(crl: ParsedCrl): Buffer | undefined {
  const extension = extensionOf(crl.extensions, Oid.authorityKeyIdentifier);
  return extension && authorityKeyIdentifierOf(extension);
}

/** Whether the issuer's key signed the CRL. */
export function verifyCrl(crl: ParsedCrl, issuer: Issuer): boolean {
  const algorithm = knownSignatureAlgorithm(crl.signatureAlgorithm);
  return (
    algorithm !== undefined &&
    crl.tbsSignatureAlgorithm.equals(crl.signatureAlgorithm) &&
    verifySignature({ algorithm, publicKey: issuer.publicKey, data: crl.tbs, signature: crl.signature })
  );
}

const verifyInPool = promisify(
  (
    digest: string | null,
    data: Buffer,
    key: VerifyKeyObjectInput,
    signature: Buffer,
    done: (error: Error | null, isGood: boolean) => void,
  ) => {
    verify(digest, data, key, signature, done);
  },
);

/** As {@link verifyCrl}; hashing a large CRL does not hold up the event loop. */
export async function verifyCrlOffThread(crl: ParsedCrl, issuer: Issuer): Promise<boolean> {
  const algorithm = knownSignatureAlgorithm(crl.signatureAlgorithm);
  if (algorithm === undefined || !crl.tbsSignatureAlgorithm.equals(crl.signatureAlgorithm)) return false;
  if (issuer.publicKey.asymmetricKeyType !== algorithm.keyType) return false;
  return verifyInPool(algorithm.digest, crl.tbs, { key: issuer.publicKey }, crl.signature);
}

export interface CrlEntry {
  /** Upper-case hexadecimal, without a sign byte. */
  readonly serialNumber: string;
  readonly revokedAt: Date;
  /** 0 where the entry has no reason code. */
  readonly reason: number;
}

/** Every entry in full, strictly parsed. */
export function* crlEntries(crl: ParsedCrl): Generator<CrlEntry> {
  if (crl.revoked === undefined) return;
  const list = new DerReader(crl.revoked);
  while (!list.done) {
    const fields = list.enter(DerTag.sequence, 'a revoked certificate');
    const serial = fields.next(DerTag.integer, 'a serial number').content;
    const revokedAt = timeValue(fields.any('a revocation date'), 'a revocation date');
    const extensions = fields.optional(DerTag.sequence, 'the entry extensions');
    fields.end('a revoked certificate');
    yield { serialNumber: serialText(serial), revokedAt, reason: extensions ? reasonOf(extensions.whole) : 0 };
  }
}

/**
 * Serial numbers only, in hexadecimal as {@link crlEntries} gives them: what a comparison of two CRLs needs, at a fraction of
 * the cost.
 */
export function* crlSerialNumbers(crl: ParsedCrl): Generator<string> {
  const { revoked } = crl;
  let offset = 0;
  while (revoked !== undefined && offset < revoked.length) {
    const { serial, end } = serialAt(revoked, offset);
    yield serialText(revoked.subarray(serial.start, serial.end));
    offset = end;
  }
}

function serialText(content: Buffer): string {
  const magnitude = content.length > 1 && content[0] === 0 ? content.subarray(1) : content;
  return magnitude.toString('hex').toUpperCase();
}

function reasonOf(extensions: Buffer): number {
  const list = DerReader.only(extensions, DerTag.sequence, 'the entry extensions').enter();
  const fields = list.enter(DerTag.sequence, 'an entry extension');
  list.end('the entry extensions');
  fields.next(DerTag.oid, 'the extension id');
  const value = fields.next(DerTag.octetString, 'the extension value').content;
  fields.end('an entry extension');
  const code = DerReader.only(value, DerTag.enumerated, 'the reason').content;
  return code[0] ?? 0;
}
