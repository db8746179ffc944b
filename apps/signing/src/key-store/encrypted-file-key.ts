import { StartError } from '@libs/http';
import { type Issuer, KeyEnvelopeError, isPkcs8, openPrivateKey, signOffThread } from '@libs/pki';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { KeyBackend } from './key-backend';
import { readOwnerOnly } from './owner-only';
import { unexportable } from './unexportable-key';

/** A private key that stands encrypted in a file and is decrypted in memory alone, once, at the start. */
export class EncryptedFileKey extends KeyBackend {
  readonly #privateKey: KeyObject;
  readonly publicKey: KeyObject;

  private constructor(
    privateKey: KeyObject,
    /** Whether the file is PKCS #8, whose passphrase is easier to guess than an envelope's. */
    readonly isPkcs8: boolean,
  ) {
    super();
    this.publicKey = createPublicKey(privateKey);
    this.#privateKey = unexportable(privateKey);
  }

  /**
   * Opens the file with the first passphrase that fits; the key must be that of the issuer's certificate.
   * @throws StartError with a sentence for each way in which this can fail
   */
  static async open(path: string, passphrases: readonly string[], issuer: Issuer): Promise<EncryptedFileKey> {
    const text = await readOwnerOnly(path);
    try {
      const key = await openWithAny(text, passphrases, issuer.certificate.tbs.spki);
      return new EncryptedFileKey(key, isPkcs8(text));
    } catch (error) {
      if (error instanceof KeyEnvelopeError) throw new StartError(`${path}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  /** An elliptic curve signs in some 30 µs; what takes longer is kept off the event loop. */
  async sign(data: Buffer): Promise<Buffer> {
    return signOffThread(this.#privateKey, data);
  }
}

async function openWithAny(text: string, passphrases: readonly string[], spki: Buffer): Promise<KeyObject> {
  const [passphrase = '', ...others] = passphrases;
  try {
    return await openPrivateKey(text, passphrase, { spki });
  } catch (error) {
    const isWrong = error instanceof KeyEnvelopeError && error.failure === 'wrong_passphrase';
    if (isWrong && others.length > 0) return openWithAny(text, others, spki);
    throw error;
  }
}
