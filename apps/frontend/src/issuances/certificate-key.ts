import { InvalidRequest } from '@libs/http';
import { acceptCsr, createKeyPairAndCsr, CsrRejected } from '@libs/pki';
import type { CertificateOrder } from './certificate-order';

/** The key that a certificate is for, and the proof that whoever asks has it. */
export interface CertificateKey {
  readonly csrPem: string;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  /** PKCS#8; absent when the caller made the key. It exists in memory alone. */
  readonly privateKeyPem: string | undefined;
}

/**
 * The caller's key, or a new one.
 *
 * @throws InvalidRequest when the caller's CSR breaks the policy
 */
export async function keyFor({
  csr,
  commonName,
}: Pick<CertificateOrder, 'csr' | 'commonName'>): Promise<CertificateKey> {
  if (csr !== undefined) return { csrPem: csr, spki: spkiOf(csr), privateKeyPem: undefined };
  return createKeyPairAndCsr({ commonName, algorithm: 'P-256' });
}

/** @throws InvalidRequest when the CSR breaks the policy */
export function spkiOf(csr: string): Buffer {
  try {
    return acceptCsr(csr).spki;
  } catch (error) {
    if (error instanceof CsrRejected) throw new InvalidRequest([{ field: 'csr', message: error.message }]);
    throw error;
  }
}
