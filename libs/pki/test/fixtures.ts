import {
  type CertificateAuthority,
  type CertificateContent,
  type CertificateKind,
  type KeyAlgorithm,
  type PublicKeyInfrastructure,
  buildTbs,
  createAuthority,
  generateKeyPair,
  newSerialNumber,
  parseCommonName,
  parseDnsName,
  profiles,
  signTbs,
  signWithKey,
  spkiOf,
  validityWithin,
} from '../src';

export const now = new Date();

export function testAuthority(algorithm: KeyAlgorithm = 'P-256'): Promise<PublicKeyInfrastructure> {
  return createAuthority({
    rootCommonName: 'Test Root CA',
    intermediateCommonName: 'Test Intermediate CA',
    algorithm,
    now,
    rootCrlValidityDays: 30,
  });
}

/** What a certificate of the kind holds when nothing is wrong with it. */
export async function contentOf(kind: CertificateKind, algorithm: KeyAlgorithm = 'P-256'): Promise<CertificateContent> {
  const { publicKey } = await generateKeyPair(algorithm);
  return {
    profile: profiles[kind],
    commonName: parseCommonName(kind === 'server' ? 'vpn.example.org' : 'Ada Lovelace'),
    dnsNames: kind === 'server' ? [parseDnsName('vpn.example.org'), parseDnsName('vpn2.example.org')] : [],
    spki: spkiOf(publicKey),
    serialNumber: newSerialNumber(),
    validity: validityWithin(undefined, now, profiles[kind].defaultValidityDays),
  };
}

export function issue(authority: CertificateAuthority, content: CertificateContent): Promise<Buffer> {
  const tbs = buildTbs(authority.issuer, content);
  return signTbs(tbs, authority.issuer.signatureAlgorithm, (data) => signWithKey(authority.privateKey, data));
}
