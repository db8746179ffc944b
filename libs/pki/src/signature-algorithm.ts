import { type JsonWebKey, type KeyObject, createPublicKey, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { DerReader, MalformedDer } from './der-reader';
import { DerTag, bitString, derNull, oid, sequence } from './der';
import { Oid } from './oids';

/** A key is of a kind that we do not sign with or do not certify. */
export class UnsupportedKey extends Error {
  override readonly name = 'UnsupportedKey';
}

export interface SignatureAlgorithm {
  /** The kind of key, as `KeyObject.asymmetricKeyType` names it. */
  readonly keyType: 'ec' | 'ed25519' | 'rsa';
  /** The digest for `crypto.sign`; null where the algorithm brings its own. */
  readonly digest: 'sha256' | 'sha384' | 'sha512' | null;
  /** The AlgorithmIdentifier. */
  readonly der: Buffer;
}

const ecdsa = (digest: 'sha256' | 'sha384' | 'sha512', id: string): SignatureAlgorithm => ({
  keyType: 'ec',
  digest,
  der: sequence(oid(id)),
});

/** RFC 4055 §5 wants the NULL parameters. */
const rsa = (digest: 'sha256' | 'sha384' | 'sha512', id: string): SignatureAlgorithm => ({
  keyType: 'rsa',
  digest,
  der: sequence(oid(id), derNull),
});

const ecdsaWithSha256 = ecdsa('sha256', Oid.ecdsaWithSha256);
const ecdsaWithSha384 = ecdsa('sha384', Oid.ecdsaWithSha384);
const sha256WithRsa = rsa('sha256', Oid.sha256WithRsa);
const ed25519: SignatureAlgorithm = { keyType: 'ed25519', digest: null, der: sequence(oid(Oid.ed25519)) };

const algorithms: ReadonlyMap<string, SignatureAlgorithm> = new Map(
  [
    ecdsaWithSha256,
    ecdsaWithSha384,
    ecdsa('sha512', Oid.ecdsaWithSha512),
    sha256WithRsa,
    rsa('sha384', Oid.sha384WithRsa),
    rsa('sha512', Oid.sha512WithRsa),
    ed25519,
  ].map((algorithm) => [algorithm.der.toString('hex'), algorithm]),
);

/** The algorithm that an AlgorithmIdentifier names, compared byte for byte; undefined for any other. */
export function knownSignatureAlgorithm(der: Buffer): SignatureAlgorithm | undefined {
  return algorithms.get(der.toString('hex'));
}

/** The one algorithm that a key of ours signs with. */
export function signatureAlgorithmOf(key: KeyObject): SignatureAlgorithm {
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return ed25519;
    case 'rsa':
      return sha256WithRsa;
    case 'ec':
      if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return ecdsaWithSha256;
      if (key.asymmetricKeyDetails?.namedCurve === 'secp384r1') return ecdsaWithSha384;
      throw new UnsupportedKey('The elliptic curve of the key is neither P-256 nor P-384.');
    default:
      throw new UnsupportedKey('The key is neither P-256, P-384, Ed25519 nor RSA.');
  }
}

/** Signs with the algorithm of the key. */
export function signWithKey(privateKey: KeyObject, data: Uint8Array): Buffer {
  return sign(signatureAlgorithmOf(privateKey).digest, data, privateKey);
}

const signInThreadPool = promisify(
  (data: Uint8Array, key: KeyObject, done: (error: Error | null, signature: Buffer) => void) => {
    sign(signatureAlgorithmOf(key).digest, data, key, done);
  },
);

/** Bytes; no certificate comes near it. */
const LARGE = 65_536;

/** As {@link signWithKey}. What takes milliseconds, RSA and hashing a large CRL, is kept off the event loop. */
export async function signOffThread(privateKey: KeyObject, data: Uint8Array): Promise<Buffer> {
  const isSlow = privateKey.asymmetricKeyType === 'rsa' || data.length > LARGE;
  return isSlow ? signInThreadPool(data, privateKey) : signWithKey(privateKey, data);
}

/** Says that `signature` over `data` is by the private key behind `publicKey`. */
export interface SignatureClaim {
  readonly algorithm: SignatureAlgorithm;
  readonly publicKey: KeyObject;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** Whether the claim is true; never where key and algorithm do not belong together. */
export function verifySignature({ algorithm, publicKey, data, signature }: SignatureClaim): boolean {
  return publicKey.asymmetricKeyType === algorithm.keyType && verify(algorithm.digest, data, publicKey, signature);
}

const verifyInThreadPool = promisify(
  (
    { algorithm, publicKey, data, signature }: SignatureClaim,
    done: (error: Error | null, isGood: boolean) => void,
  ): void => {
    verify(algorithm.digest, data, publicKey, signature, done);
  },
);

/** As {@link verifySignature}, beside the event loop. */
export async function verifyOffThread(claim: SignatureClaim): Promise<boolean> {
  return claim.publicKey.asymmetricKeyType === claim.algorithm.keyType && verifyInThreadPool(claim);
}

/**
 * Curves whose keys are taken apart and put together here: coordinates load a third faster than what OpenSSL has to find the
 * format of, and it tells them ten times as fast.
 */
const curves = [
  { name: 'P-256', openssl: 'prime256v1', head: uncompressedHead(Oid.p256, 32), size: 32 },
  { name: 'P-384', openssl: 'secp384r1', head: uncompressedHead(Oid.p384, 48), size: 48 },
] as const;

/** All of a SubjectPublicKeyInfo that stands before the coordinates of a point in uncompressed form (RFC 5480 §2.2). */
function uncompressedHead(curve: string, size: number): Buffer {
  const spki = sequence(sequence(oid(Oid.ecPublicKey), oid(curve)), bitString(Buffer.alloc(1 + 2 * size, 4)));
  return spki.subarray(0, -2 * size);
}

function jwkOf(spki: Buffer): JsonWebKey | undefined {
  for (const { name, head, size } of curves) {
    if (spki.length !== head.length + 2 * size || !spki.subarray(0, head.length).equals(head)) continue;
    const x = spki.toString('base64url', head.length, head.length + size);
    return { kty: 'EC', crv: name, x, y: spki.toString('base64url', head.length + size) };
  }
  return undefined;
}

/** What {@link jwkOf} takes apart, put together again. */
function ellipticSpki(publicKey: KeyObject): Buffer | undefined {
  const namedCurve = publicKey.asymmetricKeyDetails?.namedCurve;
  const curve = curves.find(({ openssl }) => openssl === namedCurve);
  if (curve === undefined) return undefined;
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return Buffer.concat([curve.head, Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}

/** A public key from a SubjectPublicKeyInfo. That the point of an elliptic curve lies on it is checked. */
export function publicKeyOf(spki: Buffer): KeyObject {
  try {
    const jwk = jwkOf(spki);
    if (jwk !== undefined) return createPublicKey({ key: jwk, format: 'jwk' });
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    throw new MalformedDer('the public key is not valid');
  }
}

/** The SubjectPublicKeyInfo of a public or private key. */
export function spkiOf(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return ellipticSpki(publicKey) ?? publicKey.export({ format: 'der', type: 'spki' });
}

/** The content of the subjectPublicKey BIT STRING inside a SubjectPublicKeyInfo. */
export function subjectPublicKeyBits(spki: Buffer): Buffer {
  const fields = DerReader.only(spki, DerTag.sequence, 'the public key').enter();
  fields.next(DerTag.sequence, 'the key algorithm');
  const bits = fields.next(DerTag.bitString, 'the key');
  fields.end('the public key');
  return bits.content.subarray(1);
}
