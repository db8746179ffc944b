import { FailPoints } from '@libs/config';

/** One between any two steps of issuing, of revoking and of publishing a CRL, in their order. */
export const failPoints = new FailPoints([
  'csr-checked',
  'certificate-signed',
  'certificate-logged',
  'issuance-verified',
  'issuance-found-again',
  'revocation-asked',
  'revocation-logged',
  'revocation-verified',
  'crl-number-allocated',
  'crl-signed',
  'crl-linted',
  'crl-logged',
  'crl-verified',
  'crl-written',
  'crl-renamed',
]);
