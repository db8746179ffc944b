import { type KeyObject, createCipheriv, createDecipheriv, createPrivateKey, randomBytes, scrypt } from 'node:crypto';
import { type KeyEnvelope, formatEnvelope, parseEnvelope } from './key-envelope-format';
import { KeyEnvelopeError } from './key-envelope-error';
import { publicKeyOf, spkiOf } from './signature-algorithm';

const standardCost = { n: 131_072, r: 8, p: 1 } as const;
const keyLength = 32;
const tagLength = 16;

/** scrypt needs 128·N·r bytes and a little more; Node's default limit is below that. */
function deriveKey(passphrase: string, salt: Buffer, cost: { n: number; r: number; p: number }): Promise<Buffer> {
  const options = { N: cost.n, r: cost.r, p: cost.p, maxmem: 128 * cost.n * cost.r * cost.p + 1_048_576 };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, keyLength, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/**
 * Encrypts a private key: scrypt (N = 2^17) over the passphrase, AES-256-GCM over its PKCS #8 form, the public key as additional
 * data, so that the file cannot be passed off as another key's. The result is the text of the file.
 */
export async function sealPrivateKey(privateKey: KeyObject, passphrase: string): Promise<string> {
  const spki = spkiOf(privateKey);
  const salt = randomBytes(32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', await deriveKey(passphrase, salt, standardCost), nonce);
  cipher.setAAD(spki);
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  const ciphertext = Buffer.concat([cipher.update(pkcs8), cipher.final(), cipher.getAuthTag()]);
  pkcs8.fill(0);
  return formatEnvelope({ cost: standardCost, salt, nonce, spki, ciphertext });
}

/**
 * Whether a key file is PEM. Its passphrase is easier to guess than an envelope's: what derives the key, as OpenSSL writes it, takes a
 * few milliseconds, and no memory.
 */
export function isPkcs8(text: string): boolean {
  return text.trimStart().startsWith('-----BEGIN');
}

export interface OpenKeyOptions {
  /** SubjectPublicKeyInfo of the certificate that the key must belong to. */
  readonly spki?: Buffer;
}

/**
 * Opens a key file: an envelope of {@link sealPrivateKey} or an encrypted PKCS #8 PEM. Throws KeyEnvelopeError with a reason for
 * the operator; neither message nor error carries any part of the key or the passphrase.
 */
export async function openPrivateKey(
  text: string,
  passphrase: string,
  options: OpenKeyOptions = {},
): Promise<KeyObject> {
  const privateKey = isPkcs8(text)
    ? openPkcs8(text, passphrase)
    : await openEnvelope(parseEnvelope(text), passphrase, options.spki);
  if (options.spki !== undefined && !spkiOf(privateKey).equals(options.spki)) throw mismatch();
  return privateKey;
}

const mismatch = (): KeyEnvelopeError =>
  new KeyEnvelopeError('key_mismatch', 'The private key does not belong to the certificate.');

async function openEnvelope(envelope: KeyEnvelope, passphrase: string, spki: Buffer | undefined): Promise<KeyObject> {
  if (spki !== undefined && !envelope.spki.equals(spki)) throw mismatch();
  const pkcs8 = decrypt(envelope, await deriveKey(passphrase, envelope.salt, envelope.cost));
  try {
    const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    if (!spkiOf(privateKey).equals(publicKeyOf(envelope.spki).export({ format: 'der', type: 'spki' })))
      throw mismatch();
    return privateKey;
  } finally {
    pkcs8.fill(0);
  }
}

function decrypt({ nonce, spki, ciphertext }: KeyEnvelope, key: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAAD(spki);
  decipher.setAuthTag(ciphertext.subarray(-tagLength));
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(0, -tagLength)), decipher.final()]);
  } catch {
    throw new KeyEnvelopeError('wrong_passphrase', 'The passphrase is wrong, or the key file has been altered.');
  }
}

function openPkcs8(text: string, passphrase: string): KeyObject {
  if (/-----BEGIN [A-Z]+ PRIVATE KEY-----\s+Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw new KeyEnvelopeError(
      'malformed',
      'The key file is in a format that encrypts with a single round: convert it with openssl pkcs8 -topk8 -v2 aes256.',
    );
  }
  if (!text.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----')) {
    throw new KeyEnvelopeError('not_encrypted', 'The key file is not encrypted: only encrypted keys are opened.');
  }
  if (!/-----END ENCRYPTED PRIVATE KEY-----\s*$/.test(text)) {
    throw new KeyEnvelopeError('malformed', 'The key file is truncated.');
  }
  try {
    return createPrivateKey({ key: text, format: 'pem', passphrase });
  } catch {
    throw new KeyEnvelopeError('wrong_passphrase', 'The passphrase is wrong, or the key file has been altered.');
  }
}
