import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { decodeBase64 } from './base64';
import { sha256 } from './merkle';
import { TlogError } from './tlog-error';

/** Signature type byte of Ed25519 in C2SP signed-note. */
const ED25519 = Buffer.of(0x01);
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

// What stands before the 32 key bytes in the DER forms that node:crypto reads (RFC 8410).
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const PRIVATE_PREFIX = 'PRIVATE+KEY+';

/** Says whether a text was signed by one known key. `keyId` is 8 hexadecimal digits. */
export interface NoteVerifier {
  readonly name: string;
  readonly keyId: string;
  verify(text: Uint8Array, signature: Uint8Array): boolean;
}

/** Signs texts under a name; its own verifier goes with it. */
export interface NoteSigner {
  readonly name: string;
  readonly keyId: string;
  readonly verifier: Ed25519Verifier;
  sign(text: Uint8Array): Buffer;
}

/** Key names are never empty and hold neither space nor plus, which separate the fields around them. */
export function assertKeyName(name: string): void {
  if (name === '' || /[\s\u0085+]|\p{Cc}|\p{Cs}/u.test(name)) {
    throw new TlogError('malformed_key', 'a key name must be non-empty, without spaces, plus signs and controls');
  }
}

function keyIdOf(name: string, publicKey: Uint8Array): string {
  return sha256(Buffer.from(`${name}\n`), ED25519, publicKey)
    .subarray(0, 4)
    .toString('hex');
}

export class Ed25519Verifier implements NoteVerifier {
  readonly keyId: string;
  readonly publicKey: KeyObject;

  constructor(
    readonly name: string,
    /** The 32 bytes of RFC 8032. */
    readonly publicKeyBytes: Buffer,
  ) {
    assertKeyName(name);
    if (publicKeyBytes.length !== KEY_BYTES) throw new TlogError('malformed_key', 'an Ed25519 key has 32 bytes');
    this.keyId = keyIdOf(name, publicKeyBytes);
    this.publicKey = createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, publicKeyBytes]),
      format: 'der',
      type: 'spki',
    });
  }

  verify(text: Uint8Array, signature: Uint8Array): boolean {
    return signature.length === SIGNATURE_BYTES && verifyBytes(null, text, this.publicKey, signature);
  }
}

export class Ed25519Signer implements NoteSigner {
  readonly keyId: string;
  readonly verifier: Ed25519Verifier;
  readonly #seed: Buffer;
  readonly #key: KeyObject;

  constructor(
    readonly name: string,
    seed: Buffer,
  ) {
    if (seed.length !== KEY_BYTES) throw new TlogError('malformed_key', 'an Ed25519 seed has 32 bytes');
    this.#seed = seed;
    this.#key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
    this.verifier = new Ed25519Verifier(name, Buffer.from(spki.subarray(SPKI_PREFIX.length)));
    this.keyId = this.verifier.keyId;
  }

  sign(text: Uint8Array): Buffer {
    return signBytes(null, text, this.#key);
  }

  /** The secret line that `parsePrivateKey` reads; the only way by which the key leaves this object. */
  printPrivateKey(): string {
    return `${PRIVATE_PREFIX}${this.name}+${this.keyId}+${Buffer.concat([ED25519, this.#seed]).toString('base64')}`;
  }
}

export function generateNoteKey(name: string): Ed25519Signer {
  const der = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' });
  return new Ed25519Signer(name, Buffer.from(der.subarray(PKCS8_PREFIX.length)));
}

export function printVerifierKey(verifier: Ed25519Verifier): string {
  const key = Buffer.concat([ED25519, verifier.publicKeyBytes]).toString('base64');
  return `${verifier.name}+${verifier.keyId}+${key}`;
}

/** Splits `name+keyid+base64` on the first two plus signs only: base64 has plus signs of its own. */
function splitKey(text: string): { name: string; keyId: string; key: Buffer } {
  const [, name, keyId, base64] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/.exec(text) ?? [];
  if (name === undefined || keyId === undefined || base64 === undefined) {
    throw new TlogError('malformed_key', 'a key must read name+keyid+base64');
  }
  assertKeyName(name);
  const bytes = decodeBase64(base64, 'malformed_key', 'the key');
  if (bytes.length !== 1 + KEY_BYTES || bytes[0] !== ED25519[0]) {
    throw new TlogError('malformed_key', 'only Ed25519 keys (type 1, 32 bytes) are known');
  }
  return { name, keyId, key: bytes.subarray(1) };
}

/** Reads a verifier key; refused when the key id is not the one of name and key. */
export function parseVerifierKey(text: string): Ed25519Verifier {
  const { name, keyId, key } = splitKey(text);
  const verifier = new Ed25519Verifier(name, key);
  if (verifier.keyId !== keyId) throw new TlogError('malformed_key', 'the key id belongs to another name or key');
  return verifier;
}

/** Reads the line `PRIVATE+KEY+name+keyid+base64`. Errors never repeat the text. */
export function parsePrivateKey(text: string): Ed25519Signer {
  if (!text.startsWith(PRIVATE_PREFIX)) throw new TlogError('malformed_key', 'not a private note key');
  const { name, keyId, key } = splitKey(text.slice(PRIVATE_PREFIX.length));
  const signer = new Ed25519Signer(name, key);
  if (signer.keyId !== keyId) throw new TlogError('malformed_key', 'the key id belongs to another name or key');
  return signer;
}
