import {
  DerTag,
  bitString,
  derTrue,
  element,
  explicit,
  implicit,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
  time,
  unsignedInteger,
} from './der';
import type { CertificateProfile } from './certificate-profiles';
import { sha256 } from './fingerprint';
import type { Issuer } from './issuer';
import { type CommonName, type DnsName, dnsGeneralNames, nameDer } from './names';
import { Oid } from './oids';
import { type SerialNumber, serialNumberBytes } from './serial-number';
import { type SignatureAlgorithm, subjectPublicKeyBits } from './signature-algorithm';
import type { Validity } from './validity';

/** Signs the bytes with the issuer's key, by {@link SignatureAlgorithm} of that key. */
export type Sign = (data: Buffer) => Buffer | Promise<Buffer>;

export interface CertificateContent {
  readonly profile: CertificateProfile;
  readonly commonName: CommonName;
  /** Only where the profile has DNS names. */
  readonly dnsNames: readonly DnsName[];
  /** SubjectPublicKeyInfo of the holder. */
  readonly spki: Buffer;
  readonly serialNumber: SerialNumber;
  readonly validity: Validity;
}

/** What a certificate repeats from whoever signs it; a root signs itself and has no authority key identifier. */
export type SigningParty =
  | Pick<Issuer, 'subject' | 'keyIdentifier' | 'signatureAlgorithm'>
  | { readonly subject: Buffer; readonly keyIdentifier: undefined; readonly signatureAlgorithm: SignatureAlgorithm };

const version3 = explicit(0, integer(2));

/** An Extension (RFC 5280 §4.2) up to its value: it never changes, and spelling out an OID takes longer than all the rest. */
function extensionHead(id: string, critical: boolean): Buffer {
  return critical ? Buffer.concat([oid(id), derTrue]) : oid(id);
}

const extension = (head: Buffer, value: Buffer): Buffer => sequence(head, octetString(value));

const head = {
  basicConstraints: extensionHead(Oid.basicConstraints, true),
  keyUsage: extensionHead(Oid.keyUsage, true),
  extendedKeyUsage: extensionHead(Oid.extendedKeyUsage, false),
  subjectKeyIdentifier: extensionHead(Oid.subjectKeyIdentifier, false),
  authorityKeyIdentifier: extensionHead(Oid.authorityKeyIdentifier, false),
  subjectAltName: extensionHead(Oid.subjectAltName, false),
} as const;

/** The first 160 bits of SHA-256 of the key (RFC 7093 §2, method 1). */
export function keyIdentifierOf(spki: Buffer): Buffer {
  return sha256(subjectPublicKeyBits(spki)).subarray(0, 20);
}

/** The AuthorityKeyIdentifier extension with the issuer's key identifier alone (RFC 5280 §4.2.1.1). */
export function authorityKeyIdentifier(keyIdentifier: Buffer): Buffer {
  return extension(head.authorityKeyIdentifier, sequence(implicit(0, keyIdentifier)));
}

const none = Buffer.alloc(0);

/** What all certificates of one profile from one issuer have in common, encoded once. */
interface PreparedPieces {
  /** signature and issuer. */
  readonly afterSerialNumber: Buffer;
  /** Basic constraints, key usage, extended key usage. */
  readonly firstExtensions: Buffer;
  /** Nothing for a root. */
  readonly authorityKeyIdentifier: Buffer;
}

const prepared = new WeakMap<SigningParty, Map<CertificateProfile, PreparedPieces>>();

function piecesOf(issuer: SigningParty, profile: CertificateProfile): PreparedPieces {
  const ofIssuer = prepared.get(issuer) ?? new Map<CertificateProfile, PreparedPieces>();
  prepared.set(issuer, ofIssuer);
  const pieces = ofIssuer.get(profile) ?? {
    afterSerialNumber: Buffer.concat([issuer.signatureAlgorithm.der, issuer.subject]),
    firstExtensions: firstExtensionsOf(profile),
    authorityKeyIdentifier: issuer.keyIdentifier === undefined ? none : authorityKeyIdentifier(issuer.keyIdentifier),
  };
  ofIssuer.set(profile, pieces);
  return pieces;
}

function firstExtensionsOf(profile: CertificateProfile): Buffer {
  const constraints = profile.ca
    ? sequence(derTrue, ...(profile.pathLength === undefined ? [] : [integer(profile.pathLength)]))
    : sequence();
  const parts = [extension(head.basicConstraints, constraints), extension(head.keyUsage, namedBits(profile.keyUsage))];
  if (profile.extendedKeyUsage.length > 0) {
    parts.push(extension(head.extendedKeyUsage, sequence(...profile.extendedKeyUsage.map(oid))));
  }
  return Buffer.concat(parts);
}

/**
 * The TBSCertificate (RFC 5280 §4.1). A pure function: equal input gives equal bytes, so what the lint has seen is what is
 * signed.
 */
export function buildTbs(issuer: SigningParty, content: CertificateContent): Buffer {
  const { profile, dnsNames, spki, validity } = content;
  const pieces = piecesOf(issuer, profile);
  const extensions = element(
    DerTag.sequence,
    pieces.firstExtensions,
    extension(head.subjectKeyIdentifier, octetString(keyIdentifierOf(spki))),
    pieces.authorityKeyIdentifier,
    dnsNames.length === 0 ? none : extension(head.subjectAltName, dnsGeneralNames(dnsNames)),
  );
  return sequence(
    version3,
    unsignedInteger(serialNumberBytes(content.serialNumber)),
    pieces.afterSerialNumber,
    sequence(time(validity.notBefore), time(validity.notAfter)),
    nameDer(content.commonName),
    spki,
    explicit(3, extensions),
  );
}

/** TBS, algorithm and signature together: the form of certificates and of CRLs. */
export async function signTbs(tbs: Buffer, algorithm: SignatureAlgorithm, sign: Sign): Promise<Buffer> {
  return sequence(tbs, algorithm.der, bitString(await sign(tbs)));
}
