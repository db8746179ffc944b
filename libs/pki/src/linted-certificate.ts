import { type Sign, signTbs } from './certificate';
import type { CertificateProfile } from './certificate-profiles';
import { DerTag } from './der';
import { DerReader } from './der-reader';
import type { Issuer } from './issuer';
import { assertLinted } from './lint';
import type { SignatureAlgorithm } from './signature-algorithm';
import { signToThrowAway } from './throw-away-key';

export interface CertificateToSign {
  readonly tbs: Buffer;
  readonly profile: CertificateProfile;
  /** Undefined for a root, which is its own issuer. */
  readonly issuer: Issuer | undefined;
  /** Of the key behind `sign`. */
  readonly algorithm: SignatureAlgorithm;
}

/**
 * Signs a certificate, but not before it has been examined as a whole: the TBS is signed with a throw-away key, the certificate is
 * read back and linted, and only then does the CA's key sign. What a CA has signed is out in the world, whether or not it was
 * meant to be.
 * @throws LintFailed when a check finds something: then the CA's key has signed nothing
 */
export async function signLinted(certificate: CertificateToSign, sign: Sign): Promise<Buffer> {
  const { tbs, profile, issuer, algorithm } = certificate;
  const rehearsal = await signTbs(tbs, algorithm, (data) => signToThrowAway(algorithm, data));
  assertLinted(rehearsal, profile, issuer);
  const der = await signTbs(tbs, algorithm, sign);
  if (!signedPartOf(der).equals(signedPartOf(rehearsal)))
    throw new Error('the signed certificate is not the linted one');
  return der;
}

/** Everything but the signature. */
function signedPartOf(der: Buffer): Buffer {
  const fields = DerReader.only(der, DerTag.sequence, 'the certificate').enter();
  const tbs = fields.next(DerTag.sequence, 'the certificate information');
  const algorithm = fields.next(DerTag.sequence, 'the signature algorithm');
  return Buffer.concat([tbs.whole, algorithm.whole]);
}
