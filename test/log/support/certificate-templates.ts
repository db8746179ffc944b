import type { CertificateKind } from '@libs/contracts';
import {
  buildTbs,
  dayMs,
  generateKeyPair,
  keyIdentifierOf,
  nameDer,
  newSerialNumber,
  parseCommonName,
  profiles,
  serialNumberBytes,
  signatureAlgorithmOf,
  signTbs,
  spkiOf,
} from '@libs/pki';
import { randomBytes } from 'node:crypto';

/**
 * `small` is a certificate of P-256 all through. In a `usual` one holder and issuer have RSA keys, of 3072 and of 4096 bits:
 * its leaf has about 1,400 bytes.
 */
export type CertificateSize = 'small' | 'usual';

const SIZES = {
  small: { holder: 'P-256', signatureBytes: 71 },
  usual: { holder: 'RSA-3072', signatureBytes: 512 },
} as const;

const LONGEST_NAME = 64;
/** Both lie in the years whose times have two digits for the year. */
const VALIDITY = { notBefore: new Date('2001-01-01T00:00:00Z'), notAfter: new Date('2001-01-01T00:00:00Z') };
VALIDITY.notAfter.setTime(VALIDITY.notBefore.getTime() + dayMs);

/** A certificate that becomes another one when a few bytes of it are written over; offsets count from 0. */
export interface CertificateTemplate {
  readonly kind: CertificateKind;
  /** Length of the common name in UTF-8. */
  readonly nameBytes: number;
  readonly der: Buffer;
  readonly serialAt: number;
  readonly notBeforeAt: number;
  readonly notAfterAt: number;
  readonly nameAt: number;
}

/**
 * One for each kind and length of the name. Well formed and signed by nobody: the log takes the signing service's word for
 * the signature. A million certificates made of them take seconds.
 */
export async function certificateTemplates(size: CertificateSize): Promise<readonly CertificateTemplate[]> {
  const { holder, signatureBytes } = SIZES[size];
  const { publicKey } = await generateKeyPair(holder);
  const spki = spkiOf(publicKey);
  const signature = randomBytes(signatureBytes);
  const lengths = Array.from({ length: LONGEST_NAME }, (_, i) => i + 1);
  const kinds: readonly CertificateKind[] = ['user', 'computer', 'server'];
  return Promise.all(
    kinds.flatMap((kind) =>
      lengths.map((nameBytes) => template(kind, nameBytes, spki, signature, signatureAlgorithmOf(publicKey))),
    ),
  );
}

async function template(
  kind: CertificateKind,
  nameBytes: number,
  spki: Buffer,
  signature: Buffer,
  signatureAlgorithm: ReturnType<typeof signatureAlgorithmOf>,
): Promise<CertificateTemplate> {
  const party = { subject: nameDer(parseCommonName('!')), keyIdentifier: keyIdentifierOf(spki), signatureAlgorithm };
  const name = 'x'.repeat(nameBytes);
  const serialNumber = newSerialNumber();
  const commonName = parseCommonName(name);
  const content = { profile: profiles[kind], commonName, dnsNames: [], spki, serialNumber, validity: VALIDITY };
  const der = await signTbs(buildTbs(party, content), signatureAlgorithm, () => signature);
  const subject = der.indexOf(nameDer(commonName));
  return {
    kind,
    nameBytes,
    der,
    serialAt: der.indexOf(serialNumberBytes(serialNumber)),
    notBeforeAt: der.indexOf(derTime(VALIDITY.notBefore)),
    notAfterAt: der.indexOf(derTime(VALIDITY.notAfter)),
    nameAt: der.indexOf(name, subject, 'latin1'),
  };
}

/** UTCTime, as far as 2049. */
export function derTime(date: Date): string {
  return `${date.toISOString().slice(2, 19).replace(/[-T:]/g, '')}Z`;
}
