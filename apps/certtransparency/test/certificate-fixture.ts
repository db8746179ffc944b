import { createHash, randomBytes } from 'node:crypto';
import {
  buildTbs,
  dayMs,
  generateKeyPair,
  type Issuer,
  keyIdentifierOf,
  nameDer,
  newSerialNumber,
  parseCommonName,
  profiles,
  type SerialNumber,
  signatureAlgorithmOf,
  signTbs,
  spkiOf,
} from '@libs/pki';
import type { CertificateKind, IssuedEntry, PrivateContext } from '@libs/contracts';

type Party = Pick<Issuer, 'subject' | 'keyIdentifier' | 'signatureAlgorithm'>;

export interface TestCertificate {
  readonly der: Buffer;
  readonly fingerprint: string;
  readonly serialNumber: SerialNumber;
  readonly issuer: string;
}

/**
 * Certificates that are well formed and signed by nobody: the log takes the signing service's word for the signature.
 * One key pair for all, so that thousands take no time.
 */
export class TestIssuer {
  readonly id = randomBytes(32).toString('hex');

  private constructor(
    private readonly party: Party,
    private readonly spki: Buffer,
  ) {}

  static async create(): Promise<TestIssuer> {
    const { publicKey } = await generateKeyPair('P-256');
    const spki = spkiOf(publicKey);
    return new TestIssuer(
      {
        subject: nameDer(parseCommonName('Test issuer')),
        keyIdentifier: keyIdentifierOf(spki),
        signatureAlgorithm: signatureAlgorithmOf(publicKey),
      },
      spki,
    );
  }

  async certificate(
    commonName = 'Zoë Example',
    kind: CertificateKind = 'user',
    notAfter = new Date(Date.now() + 90 * dayMs),
  ): Promise<TestCertificate> {
    const serialNumber = newSerialNumber();
    const notBefore = wholeSecond(new Date(Math.min(Date.now(), notAfter.getTime() - dayMs)));
    const tbs = buildTbs(this.party, {
      profile: profiles[kind],
      commonName: parseCommonName(commonName),
      dnsNames: [],
      spki: this.spki,
      serialNumber,
      validity: { notBefore, notAfter: wholeSecond(notAfter) },
    });
    const der = await signTbs(tbs, this.party.signatureAlgorithm, () => randomBytes(71));
    const fingerprint = createHash('sha256').update(der).digest('hex');
    return { der, fingerprint, serialNumber, issuer: this.id };
  }
}

function wholeSecond(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

/** The body that the signing service submits for a certificate. */
export function issuedEntry(
  certificate: TestCertificate,
  context?: PrivateContext,
  kind: CertificateKind = 'user',
): IssuedEntry {
  return {
    type: 'issued',
    kind,
    issuer: certificate.issuer,
    certificate: certificate.der.toString('base64'),
    ...(context && { context }),
  };
}
