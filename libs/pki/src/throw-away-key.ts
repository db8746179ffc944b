import type { KeyObject } from 'node:crypto';
import { type CaKeyAlgorithm, generateKeyPair } from './key-pair';
import { type SignatureAlgorithm, signOffThread } from './signature-algorithm';

/** One for each algorithm, for as long as the process lives: making one takes longer than signing with it. */
const keys = new Map<SignatureAlgorithm, Promise<KeyObject>>();

/**
 * Signs with a key that belongs to nobody. What it has signed has the form of the real thing and can be examined like it, but
 * nobody accepts it.
 */
export async function signToThrowAway(algorithm: SignatureAlgorithm, data: Buffer): Promise<Buffer> {
  return signOffThread(await keyFor(algorithm), data);
}

function keyFor(algorithm: SignatureAlgorithm): Promise<KeyObject> {
  const key = keys.get(algorithm) ?? generateKeyPair(keyAlgorithmOf(algorithm)).then(({ privateKey }) => privateKey);
  keys.set(algorithm, key);
  return key;
}

function keyAlgorithmOf({ keyType, digest }: SignatureAlgorithm): CaKeyAlgorithm {
  switch (keyType) {
    case 'ed25519':
      return 'Ed25519';
    case 'rsa':
      return 'RSA-3072';
    case 'ec':
      return digest === 'sha384' ? 'P-384' : 'P-256';
  }
}
