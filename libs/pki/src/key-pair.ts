import { type KeyObject, generateKeyPair as generateKeyPairCallback, generateKeyPairSync } from 'node:crypto';
import { promisify } from 'node:util';
import { bitString, element, integer, sequence } from './der';
import { nameDer, parseCommonName } from './names';
import { toPem } from './pem';
import { signWithKey, signatureAlgorithmOf, spkiOf } from './signature-algorithm';

export type KeyAlgorithm = 'P-256' | 'Ed25519' | 'RSA-3072';
export const keyAlgorithms: readonly KeyAlgorithm[] = ['P-256', 'Ed25519', 'RSA-3072'];

/** A CA lives for years: its key may be stronger than those of the certificates below it. */
export type CaKeyAlgorithm = KeyAlgorithm | 'P-384' | 'RSA-4096';
export const caKeyAlgorithms: readonly CaKeyAlgorithm[] = ['P-256', 'P-384', 'Ed25519', 'RSA-3072', 'RSA-4096'];

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const generateOffThread = promisify(generateKeyPairCallback);

/** A new key pair. RSA takes a good part of a second and is made off the event loop. */
export async function generateKeyPair(algorithm: CaKeyAlgorithm): Promise<KeyPair> {
  switch (algorithm) {
    case 'P-256':
      return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    case 'P-384':
      return generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    case 'Ed25519':
      return generateKeyPairSync('ed25519');
    case 'RSA-3072':
      return generateOffThread('rsa', { modulusLength: 3072 });
    case 'RSA-4096':
      return generateOffThread('rsa', { modulusLength: 4096 });
  }
}

const version1 = integer(0);
const noAttributes = element(0xa0);

/** A PKCS #10 request (RFC 2986) for a key pair: the common name as its subject, no attributes. */
export function createCsr(keyPair: KeyPair, commonName: string, spki = spkiOf(keyPair.publicKey)): Buffer {
  const subject = nameDer(parseCommonName(commonName));
  const info = sequence(version1, subject, spki, noAttributes);
  const signature = signWithKey(keyPair.privateKey, info);
  return sequence(info, signatureAlgorithmOf(keyPair.publicKey).der, bitString(signature));
}

export interface KeyPairAndCsr {
  /** PKCS #8, unencrypted: hand it to its owner, never store it. */
  readonly privateKeyPem: string;
  readonly csrPem: string;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Buffer;
}

/** A new private key and its request, both in memory alone. */
export async function createKeyPairAndCsr(options: {
  readonly commonName: string;
  readonly algorithm: KeyAlgorithm;
}): Promise<KeyPairAndCsr> {
  const keyPair = await generateKeyPair(options.algorithm);
  const spki = spkiOf(keyPair.publicKey);
  return {
    privateKeyPem: keyPair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    csrPem: toPem('CERTIFICATE REQUEST', createCsr(keyPair, options.commonName, spki)),
    spki,
  };
}
