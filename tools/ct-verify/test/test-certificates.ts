import { randomBytes } from 'node:crypto';
import {
  buildTbs,
  type CertificateContent,
  generateKeyPair,
  type Issuer,
  keyIdentifierOf,
  nameDer,
  newSerialNumber,
  parseCommonName,
  profiles,
  serialNumberBytes,
  sha256,
  signatureAlgorithmOf,
  signTbs,
  spkiOf,
  toPem,
} from '@libs/pki';
import { type IssuedLeaf, NO_COMMITMENT } from '@libs/tlog';

export const FIRST_TIME = Date.parse('2025-01-02T03:04:05Z');

/**
 * Certificates that are well formed and signed by nobody, since the verifier has the log's word and not the issuer's. One
 * key for all, so that thousands take no time.
 */
export class TestCertificates {
  readonly issuer = randomBytes(32);

  private constructor(
    private readonly party: Pick<Issuer, 'subject' | 'keyIdentifier' | 'signatureAlgorithm'>,
    private readonly spki: Buffer,
  ) {}

  static async create(): Promise<TestCertificates> {
    const { publicKey } = await generateKeyPair('P-256');
    const spki = spkiOf(publicKey);
    const subject = nameDer(parseCommonName('Test issuer'));
    const party = {
      subject,
      keyIdentifier: keyIdentifierOf(spki),
      signatureAlgorithm: signatureAlgorithmOf(publicKey),
    };
    return new TestCertificates(party, spki);
  }

  /** The leaf of a new certificate. */
  async issue(commonName = 'Zoë', loggedAt = FIRST_TIME, serialNumber = newSerialNumber()): Promise<IssuedLeaf> {
    const content: CertificateContent = {
      profile: profiles.user,
      commonName: parseCommonName(commonName),
      dnsNames: [],
      spki: this.spki,
      serialNumber,
      validity: { notBefore: new Date(FIRST_TIME), notAfter: new Date(FIRST_TIME + 86_400_000) },
    };
    const tbs = buildTbs(this.party, content);
    const der = await signTbs(tbs, this.party.signatureAlgorithm, () => randomBytes(71));
    return {
      type: 'issued',
      loggedAt,
      commitment: Buffer.from(NO_COMMITMENT),
      issuer: this.issuer,
      fingerprint: sha256(der),
      kind: 'user',
      serial: serialNumberBytes(serialNumber),
      notBefore: content.validity.notBefore.getTime(),
      notAfter: content.validity.notAfter.getTime(),
      commonName,
      der,
    };
  }
}

export function certificatePem({ der }: IssuedLeaf): string {
  return toPem('CERTIFICATE', der);
}
