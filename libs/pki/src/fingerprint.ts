import { hash } from 'node:crypto';

declare const fingerprintBrand: unique symbol;

/** SHA-256 of a certificate's DER as 64 lower-case hexadecimal digits. */
export type Fingerprint = string & { readonly [fingerprintBrand]: true };

const fingerprintPattern = /^[0-9a-f]{64}$/;

export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const [only] = parts;
  // One call: for so little input, making a hash object would take longer than hashing.
  return hash('sha256', parts.length === 1 && only !== undefined ? only : Buffer.concat(parts), 'buffer');
}

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
