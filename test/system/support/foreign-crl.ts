import { webcrypto } from 'node:crypto';
import { AuthorityKeyIdentifierExtension, Extension, X509Certificate, X509CrlGenerator } from '@peculiar/x509';
import type { CertificateAuthority } from '@libs/pki';

/** id-ce-deltaCRLIndicator and id-ce-issuingDistributionPoint (RFC 5280 §5.2.4, §5.2.5). */
const DELTA_CRL_INDICATOR = '2.5.29.27';
const ISSUING_DISTRIBUTION_POINT = '2.5.29.28';

export interface ForeignCrl {
  readonly thisUpdate: Date;
  readonly revoked: readonly { readonly serialNumber: string; readonly revokedAt: Date }[];
  /** In hexadecimal; without one that of the authority. */
  readonly keyIdentifier?: string;
  /** The number of the CRL that this one supplements. */
  readonly deltaOf?: number;
  /** Whether it is for certificates with a certain distribution point alone, which no certificate of ours has. */
  readonly distributionPoint?: boolean;
}

/** A CRL of a P-256 authority such as our own builder never makes, by another library; in DER. */
export async function foreignCrl(authority: CertificateAuthority, options: ForeignCrl): Promise<Buffer> {
  const crl = await X509CrlGenerator.create({
    issuer: new X509Certificate(Uint8Array.from(authority.issuer.der)).subject,
    thisUpdate: options.thisUpdate,
    nextUpdate: new Date(options.thisUpdate.getTime() + 86_400_000),
    entries: options.revoked.map(({ serialNumber, revokedAt }) => ({ serialNumber, revocationDate: revokedAt })),
    extensions: extensionsOf(options, authority.issuer.keyIdentifier.toString('hex')),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    signingKey: await signingKeyOf(authority),
  });
  return Buffer.from(crl.rawData);
}

function extensionsOf({ keyIdentifier, deltaOf, distributionPoint }: ForeignCrl, own: string): Extension[] {
  const extensions: Extension[] = [new AuthorityKeyIdentifierExtension(keyIdentifier ?? own)];
  if (deltaOf !== undefined) extensions.push(new Extension(DELTA_CRL_INDICATOR, true, Uint8Array.of(2, 1, deltaOf)));
  if (distributionPoint === true)
    extensions.push(new Extension(ISSUING_DISTRIBUTION_POINT, true, pointAt('http://a/')));
  return extensions;
}

/** IssuingDistributionPoint with a distributionPoint [0] that is a fullName [0] with one URI [6]. */
function pointAt(uri: string): Uint8Array<ArrayBuffer> {
  const wrap = (tag: number, content: readonly number[]): number[] => [tag, content.length, ...content];
  return Uint8Array.from(wrap(0x30, wrap(0xa0, wrap(0xa0, wrap(0x86, [...Buffer.from(uri)])))));
}

function signingKeyOf({ privateKey }: CertificateAuthority): Promise<webcrypto.CryptoKey> {
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
}
