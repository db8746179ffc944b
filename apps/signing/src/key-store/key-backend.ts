import type { KeyObject } from 'node:crypto';

/**
 * Where a CA's private key lives. The key never leaves its backend: there is nothing to ask for but signatures. A second
 * implementation (a hardware token) takes the place of {@link EncryptedFileKey} without a change elsewhere.
 */
export abstract class KeyBackend {
  abstract readonly publicKey: KeyObject;

  /** The signature over `data`, by the one algorithm that belongs to the key (`signatureAlgorithmOf`). */
  abstract sign(data: Buffer): Promise<Buffer>;
}
