import type { KeyObject } from 'node:crypto';
import { buildTbs } from './certificate';
import { profiles } from './certificate-profiles';
import { buildCrl } from './crl';
import { assertCrlLinted } from './crl-lint';
import { type ParsedCrl, crlEntries, crlNumberOf } from './crl-reader';
import { RevocationTable, type RevokedCertificate } from './crl-revocations';
import { Issuer } from './issuer';
import { type CaKeyAlgorithm, type KeyAlgorithm, generateKeyPair } from './key-pair';
import { signLinted } from './linted-certificate';
import { nameDer, parseCommonName } from './names';
import { newSerialNumber } from './serial-number';
import { signWithKey, signatureAlgorithmOf, spkiOf } from './signature-algorithm';
import { backdatingMs, dayMs, validityWithin } from './validity';

/** A CA: certificate and private key, in memory. */
export interface CertificateAuthority {
  readonly issuer: Issuer;
  readonly privateKey: KeyObject;
}

export interface AuthorityOptions {
  readonly commonName: string;
  readonly algorithm: CaKeyAlgorithm;
  readonly now: Date;
  readonly validityDays?: number;
}

/** A self-signed root that allows one CA below it. */
export async function createRoot(options: AuthorityOptions): Promise<CertificateAuthority> {
  const { publicKey, privateKey } = await generateKeyPair(options.algorithm);
  const profile = profiles['root-ca'];
  const commonName = parseCommonName(options.commonName);
  const signatureAlgorithm = signatureAlgorithmOf(publicKey);
  const tbs = buildTbs(
    { subject: nameDer(commonName), keyIdentifier: undefined, signatureAlgorithm },
    {
      profile,
      commonName,
      dnsNames: [],
      spki: spkiOf(publicKey),
      serialNumber: newSerialNumber(),
      validity: validityWithin(undefined, options.now, options.validityDays ?? profile.defaultValidityDays),
    },
  );
  const unsigned = { tbs, profile, issuer: undefined, algorithm: signatureAlgorithm };
  const der = await signLinted(unsigned, (data) => signWithKey(privateKey, data));
  return { issuer: Issuer.fromCertificate(der), privateKey };
}

/** An intermediate that issues to end entities only and never outlives its root. */
export async function createIntermediate(
  root: CertificateAuthority,
  options: AuthorityOptions,
): Promise<CertificateAuthority> {
  const { publicKey, privateKey } = await generateKeyPair(options.algorithm);
  const issuer = await certifyIntermediate(root, { ...options, spki: spkiOf(publicKey) });
  return { issuer, privateKey };
}

/** As {@link createIntermediate}, for a key that is elsewhere; that its holder asked for it is for the caller to have checked. */
export async function certifyIntermediate(
  root: CertificateAuthority,
  options: Omit<AuthorityOptions, 'algorithm'> & { readonly spki: Buffer },
): Promise<Issuer> {
  const profile = profiles['intermediate-ca'];
  const tbs = buildTbs(root.issuer, {
    profile,
    commonName: parseCommonName(options.commonName),
    dnsNames: [],
    spki: options.spki,
    serialNumber: newSerialNumber(),
    validity: validityWithin(root.issuer, options.now, options.validityDays ?? profile.defaultValidityDays),
  });
  const unsigned = { tbs, profile, issuer: root.issuer, algorithm: root.issuer.signatureAlgorithm };
  return Issuer.fromCertificate(await signLinted(unsigned, (data) => signWithKey(root.privateKey, data)));
}

export interface RootCrlOptions {
  readonly now: Date;
  /** From now to nextUpdate. */
  readonly validityDays: number;
  /** The CRL that the new one replaces: number and thisUpdate follow its own, and what it has revoked stays revoked. */
  readonly previous?: ParsedCrl;
  /** What is revoked besides; a certificate that `previous` names already keeps its first date and reason. */
  readonly revoke?: readonly RevokedCertificate[];
}

/** A CRL of a root, linted. Entries never leave it: a root does not know when what others have made below it expires. */
export async function createRootCrl(root: CertificateAuthority, options: RootCrlOptions): Promise<Buffer> {
  const { now, previous, revoke = [] } = options;
  const backdated = Math.floor((now.getTime() - backdatingMs) / 1000) * 1000;
  const afterPrevious = previous === undefined ? 0 : previous.thisUpdate.getTime() + 1000;
  const number = previous === undefined ? 1n : (crlNumberOf(previous) ?? 0n) + 1n;
  const revoked = RevocationTable.of([...(previous === undefined ? [] : crlEntries(previous)), ...revoke]);
  const content = {
    number,
    thisUpdate: new Date(Math.max(backdated, afterPrevious)),
    nextUpdate: new Date(Math.floor((now.getTime() + options.validityDays * dayMs) / 1000) * 1000),
    revoked,
  };
  const der = await buildCrl(root.issuer, content, (data) => signWithKey(root.privateKey, data));
  await assertCrlLinted(der, { issuer: root.issuer, previous, now, revoked });
  return der;
}

export interface PublicKeyInfrastructure {
  readonly root: CertificateAuthority;
  readonly intermediate: CertificateAuthority;
  readonly rootCrl: Buffer;
}

/** A root, one intermediate below it and the root's CRL, all in memory: storing them safely is the caller's task. */
export async function createAuthority(options: {
  readonly rootCommonName: string;
  readonly intermediateCommonName: string;
  readonly algorithm: KeyAlgorithm;
  readonly now: Date;
  readonly rootCrlValidityDays: number;
}): Promise<PublicKeyInfrastructure> {
  const { algorithm, now } = options;
  const root = await createRoot({ commonName: options.rootCommonName, algorithm, now });
  const intermediate = await createIntermediate(root, { commonName: options.intermediateCommonName, algorithm, now });
  const rootCrl = await createRootCrl(root, { now, validityDays: options.rootCrlValidityDays });
  return { root, intermediate, rootCrl };
}
