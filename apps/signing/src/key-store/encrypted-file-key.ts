import { StartError } from '@libs/http';
import {
  type Issuer,
  KeyEnvelopeError,
  openPrivateKey,
  signatureAlgorithmOf,
  type SignatureAlgorithm,
} from '@libs/pki';
import { createPublicKey, type KeyObject, sign, type SignKeyObjectInput } from 'node:crypto';
import { promisify } from 'node:util';
import { KeyBackend } from './key-backend';
import { readOwnerOnly } from './owner-only';

const signOffThread = promisify(
  (digest: SignatureAlgorithm['digest'], data: Buffer, key: SignKeyObjectInput, done: SignatureCallback) => {
    sign(digest, data, key, done);
  },
);

type SignatureCallback = (error: Error | null, signature: Buffer) => void;

/** A private key that stands encrypted in a file and is decrypted in memory alone, once, at the start. */
export class EncryptedFileKey extends KeyBackend {
  readonly #privateKey: KeyObject;
  readonly publicKey: KeyObject;
  private readonly algorithm: SignatureAlgorithm;

  private constructor(privateKey: KeyObject) {
    super();
    this.#privateKey = privateKey;
    this.publicKey = createPublicKey(privateKey);
    this.algorithm = signatureAlgorithmOf(this.publicKey);
  }

  /**
   * Opens the file with the passphrase; the key must be that of the issuer's certificate.
   * @throws StartError with a sentence for each way in which this can fail
   */
  static async open(path: string, passphrase: string, issuer: Issuer): Promise<EncryptedFileKey> {
    const text = await readOwnerOnly(path);
    try {
      return new EncryptedFileKey(await openPrivateKey(text, passphrase, { spki: issuer.certificate.tbs.spki }));
    } catch (error) {
      if (error instanceof KeyEnvelopeError) throw new StartError(`${path}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  /** Elliptic curves sign in some 30 µs; RSA takes milliseconds and is kept off the event loop. */
  async sign(data: Buffer): Promise<Buffer> {
    if (this.algorithm.keyType === 'rsa') {
      return signOffThread(this.algorithm.digest, data, { key: this.#privateKey });
    }
    return sign(this.algorithm.digest, data, this.#privateKey);
  }
}
