import { DerTag } from './der';
import {
  type DerElement,
  DerReader,
  MalformedDer,
  integerContent,
  oidText,
  unsignedValue,
  wholeBytes,
} from './der-reader';
import { Oid } from './oids';

export interface ParsedExtension {
  readonly id: string;
  readonly critical: boolean;
  /** The DER inside the OCTET STRING. */
  readonly value: Buffer;
}

/** The fields of a TBSCertificate (RFC 5280 §4.1), as they stand there; judging them is the lint's task. */
export interface ParsedTbs {
  readonly der: Buffer;
  /** 3 for X.509 v3. */
  readonly version: number;
  /** The content of the INTEGER, sign byte included. */
  readonly serialNumber: Buffer;
  readonly signatureAlgorithm: Buffer;
  readonly issuer: Buffer;
  readonly notBefore: DerElement;
  readonly notAfter: DerElement;
  readonly subject: Buffer;
  readonly spki: Buffer;
  readonly extensions: readonly ParsedExtension[];
}

export interface ParsedCertificate {
  readonly der: Buffer;
  readonly tbs: ParsedTbs;
  readonly signatureAlgorithm: Buffer;
  readonly signature: Buffer;
}

/** Strict: anything that is not the DER of a v1 to v3 certificate without unique identifiers is a MalformedDer. */
export function parseCertificate(der: Buffer): ParsedCertificate {
  const fields = DerReader.only(der, DerTag.sequence, 'the certificate').enter();
  const tbs = fields.next(DerTag.sequence, 'the certificate information');
  const signatureAlgorithm = fields.next(DerTag.sequence, 'the signature algorithm').whole;
  const signature = wholeBytes(fields.next(DerTag.bitString, 'the signature'), 'the signature');
  fields.end('the certificate');
  return { der, tbs: parseTbsElement(tbs), signatureAlgorithm, signature };
}

export function parseTbs(der: Buffer): ParsedTbs {
  return parseTbsElement(DerReader.only(der, DerTag.sequence, 'the certificate information'));
}

function parseTbsElement(element: DerElement): ParsedTbs {
  const fields = element.enter();
  const version = parseVersion(fields.optional(0xa0, 'the version'));
  const serialNumber = integerContent(fields.next(DerTag.integer, 'the serial number'), 'the serial number');
  const signatureAlgorithm = fields.next(DerTag.sequence, 'the signature algorithm').whole;
  const issuer = fields.next(DerTag.sequence, 'the issuer').whole;
  const validity = fields.enter(DerTag.sequence, 'the validity');
  const notBefore = validity.any('notBefore');
  const notAfter = validity.any('notAfter');
  validity.end('the validity');
  const subject = fields.next(DerTag.sequence, 'the subject').whole;
  const spki = fields.next(DerTag.sequence, 'the public key').whole;
  const extensions = parseExtensions(fields.optional(0xa3, 'the extensions'));
  fields.end('the certificate information');
  const der = element.whole;
  return { der, version, serialNumber, signatureAlgorithm, issuer, notBefore, notAfter, subject, spki, extensions };
}

function parseVersion(item: DerElement | undefined): number {
  if (item === undefined) return 1;
  const version = unsignedValue(DerReader.only(item.content, DerTag.integer, 'the version'), 'the version');
  return Number(version) + 1;
}

/** The Extensions of a certificate, CRL or CRL entry: content of the explicit tag or undefined where there are none. */
export function parseExtensions(item: DerElement | undefined): ParsedExtension[] {
  if (item === undefined) return [];
  const outer = item.enter();
  const list = outer.enter(DerTag.sequence, 'the extensions');
  outer.end('the extensions');
  return extensionsIn(list);
}

/** The content of an Extensions SEQUENCE. */
export function parseExtensionList(content: Buffer): ParsedExtension[] {
  return extensionsIn(new DerReader(content));
}

function extensionsIn(list: DerReader): ParsedExtension[] {
  const result: ParsedExtension[] = [];
  while (!list.done) result.push(parseExtension(list.enter(DerTag.sequence, 'an extension')));
  return result;
}

function parseExtension(fields: DerReader): ParsedExtension {
  const id = oidText(fields.any('the extension id'), 'the extension id');
  const flag = fields.optional(DerTag.boolean, 'the critical flag');
  if (flag !== undefined && !isTrue(flag.content)) {
    throw new MalformedDer('a critical flag is not encoded as DER demands');
  }
  const value = fields.next(DerTag.octetString, 'the extension value').content;
  fields.end('the extension');
  return { id, critical: flag !== undefined, value };
}

/** DER has one true and leaves out what is false. */
function isTrue(content: Buffer): boolean {
  return content.length === 1 && content[0] === 0xff;
}

export function extensionOf(extensions: readonly ParsedExtension[], id: string): ParsedExtension | undefined {
  return extensions.find((extension) => extension.id === id);
}

/** The key identifier inside a SubjectKeyIdentifier extension. */
export function subjectKeyIdentifierOf(extension: ParsedExtension): Buffer {
  return DerReader.only(extension.value, DerTag.octetString, 'the subject key identifier').content;
}

/** dNSName is `[2] IMPLICIT IA5String` in a GeneralName. */
const dnsNameTag = 0x82;

/** The DNS names of the subject alternative name, in order; other kinds of names are left out. */
export function dnsNamesOf({ extensions }: ParsedTbs): string[] {
  const extension = extensionOf(extensions, Oid.subjectAltName);
  if (extension === undefined) return [];
  const names = DerReader.only(extension.value, DerTag.sequence, 'the alternative names').enter();
  return names
    .rest('an alternative name')
    .filter(({ tag }) => tag === dnsNameTag)
    .map(({ content }) => content.toString('latin1'));
}

/** The `[0] keyIdentifier` of an AuthorityKeyIdentifier that has nothing else. */
export function authorityKeyIdentifierOf(extension: ParsedExtension): Buffer {
  const fields = DerReader.only(extension.value, DerTag.sequence, 'the authority key identifier').enter();
  const identifier = fields.next(0x80, 'the key identifier').content;
  fields.end('the authority key identifier');
  return identifier;
}
