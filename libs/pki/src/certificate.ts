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

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return critical ? sequence(oid(id), derTrue, octetString(value)) : sequence(oid(id), octetString(value));
}

/** The first 160 bits of SHA-256 of the key (RFC 7093 §2, method 1). */
export function keyIdentifierOf(spki: Buffer): Buffer {
  return sha256(subjectPublicKeyBits(spki)).subarray(0, 20);
}

/** The extensions that depend on the profile alone: built once for each. */
const fixedExtensions = new WeakMap<CertificateProfile, Buffer>();

function fixedExtensionsOf(profile: CertificateProfile): Buffer {
  const prepared = fixedExtensions.get(profile);
  if (prepared !== undefined) return prepared;
  const constraints = profile.ca
    ? sequence(derTrue, ...(profile.pathLength === undefined ? [] : [integer(profile.pathLength)]))
    : sequence();
  const parts = [
    extension(Oid.basicConstraints, true, constraints),
    extension(Oid.keyUsage, true, namedBits(profile.keyUsage)),
  ];
  if (profile.extendedKeyUsage.length > 0) {
    parts.push(extension(Oid.extendedKeyUsage, false, sequence(...profile.extendedKeyUsage.map(oid))));
  }
  const built = Buffer.concat(parts);
  fixedExtensions.set(profile, built);
  return built;
}

/** The AuthorityKeyIdentifier extension with the issuer's key identifier alone (RFC 5280 §4.2.1.1). */
export function authorityKeyIdentifier(keyIdentifier: Buffer): Buffer {
  return extension(Oid.authorityKeyIdentifier, false, sequence(implicit(0, keyIdentifier)));
}

/**
 * The TBSCertificate (RFC 5280 §4.1). A pure function: equal input gives equal bytes, so what the lint has seen is what is
 * signed.
 */
export function buildTbs(issuer: SigningParty, content: CertificateContent): Buffer {
  const { profile, dnsNames, spki, validity } = content;
  const extensions = [
    fixedExtensionsOf(profile),
    extension(Oid.subjectKeyIdentifier, false, octetString(keyIdentifierOf(spki))),
  ];
  if (issuer.keyIdentifier !== undefined) extensions.push(authorityKeyIdentifier(issuer.keyIdentifier));
  if (dnsNames.length > 0) extensions.push(extension(Oid.subjectAltName, false, dnsGeneralNames(dnsNames)));
  return sequence(
    version3,
    unsignedInteger(serialNumberBytes(content.serialNumber)),
    issuer.signatureAlgorithm.der,
    issuer.subject,
    sequence(time(validity.notBefore), time(validity.notAfter)),
    nameDer(content.commonName),
    spki,
    explicit(3, element(DerTag.sequence, ...extensions)),
  );
}

/** TBS, algorithm and signature together: the form of certificates and of CRLs. */
export async function signTbs(tbs: Buffer, algorithm: SignatureAlgorithm, sign: Sign): Promise<Buffer> {
  return sequence(tbs, algorithm.der, bitString(await sign(tbs)));
}
