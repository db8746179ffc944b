import { type CertificateAuthority, type Issuer, toPem } from '@libs/pki';
import type { Ceremony } from './ceremony';
import { authorityFacts } from './facts';
import { ROOT_CERTIFICATE, ROOT_CRL, sealed } from './root';

/** The folder of the output folder under which each intermediate has its own. */
export const INTERMEDIATES = 'intermediates';
/** Names that the signing service looks for. */
export const INTERMEDIATE_CERTIFICATE = 'intermediate.crt';
export const INTERMEDIATE_KEY = 'intermediate.key.json';

export const INTERMEDIATE_REQUEST = 'intermediate.csr';

/** What an intermediate stands below, for whoever opens its folder: the root's certificate and newest CRL. */
export interface Above {
  readonly rootDer: Buffer;
  readonly crlPem: Buffer;
}

/** The files of an intermediate: its encrypted key, its certificate, and of the root the certificate and the newest CRL. */
export async function makeIntermediate(
  ceremony: Ceremony,
  intermediate: CertificateAuthority,
  { passphrase, ...above }: Above & { readonly passphrase: string },
): Promise<void> {
  const { issuer, privateKey } = intermediate;
  ceremony.make(INTERMEDIATE_KEY, await sealed(privateKey, issuer.certificate.tbs.spki, passphrase));
  makeIntermediateCertificate(ceremony, issuer, above);
}

/** The same without a key, which is elsewhere. */
export function makeIntermediateCertificate(ceremony: Ceremony, issuer: Issuer, { rootDer, crlPem }: Above): void {
  ceremony.make(INTERMEDIATE_CERTIFICATE, toPem('CERTIFICATE', issuer.der));
  ceremony.make(ROOT_CERTIFICATE, toPem('CERTIFICATE', rootDer));
  ceremony.make(ROOT_CRL, crlPem);
  ceremony.record(...authorityFacts('Intermediate', issuer));
}
