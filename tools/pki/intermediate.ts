import { type CertificateAuthority, toPem } from '@libs/pki';
import type { Ceremony } from './ceremony';
import { authorityFacts } from './facts';
import { ROOT_CERTIFICATE, ROOT_CRL, sealed } from './root';

/** The folder of the output folder under which each intermediate has its own. */
export const INTERMEDIATES = 'intermediates';
/** Names that the signing service looks for. */
export const INTERMEDIATE_CERTIFICATE = 'intermediate.crt';
export const INTERMEDIATE_KEY = 'intermediate.key.json';

/** The files of an intermediate: its encrypted key, its certificate, and of the root the certificate and the newest CRL. */
export async function makeIntermediate(
  ceremony: Ceremony,
  intermediate: CertificateAuthority,
  options: { readonly passphrase: string; readonly rootDer: Buffer; readonly crlPem: Buffer },
): Promise<void> {
  const { passphrase, rootDer, crlPem } = options;
  ceremony.make(INTERMEDIATE_KEY, await sealed(intermediate, passphrase));
  ceremony.make(INTERMEDIATE_CERTIFICATE, toPem('CERTIFICATE', intermediate.issuer.der));
  ceremony.make(ROOT_CERTIFICATE, toPem('CERTIFICATE', rootDer));
  ceremony.make(ROOT_CRL, crlPem);
  ceremony.record(...authorityFacts('Intermediate', intermediate.issuer));
}
