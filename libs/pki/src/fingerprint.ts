import { sha256 } from '@libs/tlog';

declare const fingerprintBrand: unique symbol;

/** SHA-256 of a certificate's DER as 64 lower-case hexadecimal digits. */
export type Fingerprint = string & { readonly [fingerprintBrand]: true };

const fingerprintPattern = /^[0-9a-f]{64}$/;

export { sha256 };

export function fingerprintOf(certificate: Uint8Array): Fingerprint {
  return parseFingerprint(sha256(certificate).toString('hex'));
}

export function isFingerprint(text: string): text is Fingerprint {
  return fingerprintPattern.test(text);
}

export function parseFingerprint(text: string): Fingerprint {
  if (!isFingerprint(text)) throw new RangeError('a fingerprint is 64 lower-case hexadecimal digits');
  return text;
}
