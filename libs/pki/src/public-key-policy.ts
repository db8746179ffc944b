import { DerTag, derNull, oid, sequence } from './der';
import { DerReader, unsignedValue, wholeBytes } from './der-reader';
import { Oid } from './oids';

/** A public key is of a kind, size or encoding that is not certified. `message` is a sentence for whoever sent it. */
export class PublicKeyRejected extends Error {
  override readonly name = 'PublicKeyRejected';
}

const minimumRsaBits = 3072;
/** Larger keys only cost their users time, and verifying them costs us some. */
const maximumRsaBits = 8192;
const smallestExponent = 65_537n;
/** NIST SP 800-56B §6.2: the public exponent is odd, above 2^16 and below 2^256. */
const exponentLimit = 2n ** 256n;

type KeyCheck = (key: Buffer) => void;

/** The accepted AlgorithmIdentifiers, byte for byte: no explicit curve parameters, no RSA-PSS (RFC 5480, 8410, 3279). */
const checksByAlgorithm: ReadonlyMap<string, KeyCheck> = new Map<string, KeyCheck>([
  [sequence(oid(Oid.ecPublicKey), oid(Oid.p256)).toString('hex'), uncompressedPoint(65)],
  [sequence(oid(Oid.ecPublicKey), oid(Oid.p384)).toString('hex'), uncompressedPoint(97)],
  [sequence(oid(Oid.ed25519)).toString('hex'), ed25519Point],
  [sequence(oid(Oid.rsaEncryption), derNull).toString('hex'), rsaKey],
]);

/**
 * Accepts P-256, P-384 (uncompressed points, RFC 5480 §2.2), Ed25519 and RSA of 3072 to 8192 bits, in canonical DER. Whether a
 * point lies on its curve is found out when the key is loaded. Throws PublicKeyRejected or MalformedDer.
 */
export function checkPublicKey(spki: Buffer): void {
  const fields = DerReader.only(spki, DerTag.sequence, 'the public key').enter();
  const algorithm = fields.next(DerTag.sequence, 'the key algorithm').whole;
  const key = wholeBytes(fields.next(DerTag.bitString, 'the key'), 'the key');
  fields.end('the public key');
  const check = checksByAlgorithm.get(algorithm.toString('hex'));
  if (check === undefined) throw new PublicKeyRejected('The key is neither P-256, P-384, Ed25519 nor RSA.');
  check(key);
}

function uncompressedPoint(length: number): KeyCheck {
  return (point) => {
    if (point.length === length && point[0] === 0x04) return;
    throw new PublicKeyRejected('The elliptic curve point of the key is not in uncompressed form.');
  };
}

function ed25519Point(point: Buffer): void {
  if (point.length !== 32) throw new PublicKeyRejected('The Ed25519 key does not have 32 bytes.');
}

function rsaKey(key: Buffer): void {
  const fields = DerReader.only(key, DerTag.sequence, 'the RSA key').enter();
  const modulus = unsignedValue(fields.next(DerTag.integer, 'the modulus'), 'the modulus');
  const exponent = unsignedValue(fields.next(DerTag.integer, 'the exponent'), 'the exponent');
  fields.end('the RSA key');
  const bits = modulus.toString(2).length;
  if (bits < minimumRsaBits || bits > maximumRsaBits) {
    throw new PublicKeyRejected(
      `The RSA key has ${String(bits)} bits; ${String(minimumRsaBits)} to ${String(maximumRsaBits)} are accepted.`,
    );
  }
  if (exponent < smallestExponent || exponent >= exponentLimit || exponent % 2n === 0n) {
    throw new PublicKeyRejected('The public exponent of the RSA key is not an odd number of at least 65537.');
  }
}
