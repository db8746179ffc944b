import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { publicKeyOf, spkiOf } from './signature-algorithm';

const elliptic = (namedCurve: string) => () => generateKeyPairSync('ec', { namedCurve });

describe('the SubjectPublicKeyInfo of a key', () => {
  it.each([
    ['P-256', 300, elliptic('prime256v1')],
    ['P-384', 300, elliptic('secp384r1')],
    ['P-521', 3, elliptic('secp521r1')],
    ['secp256k1', 3, elliptic('secp256k1')],
    ['brainpoolP256r1', 3, elliptic('brainpoolP256r1')],
    ['Ed25519', 3, () => generateKeyPairSync('ed25519')],
    ['RSA', 1, () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ])('is what OpenSSL writes, for %s', (_, count, generate: () => { publicKey: KeyObject; privateKey: KeyObject }) => {
    for (let i = 0; i < count; i += 1) {
      const { publicKey, privateKey } = generate();
      const expected = publicKey.export({ format: 'der', type: 'spki' });
      expect(spkiOf(publicKey)).toEqual(expected);
      expect(spkiOf(privateKey)).toEqual(expected);
      expect(publicKeyOf(expected).equals(publicKey)).toBe(true);
    }
  });
});
