import { StartError } from '@libs/http';
import { Issuer, MalformedDer, MalformedPem, NotAnIssuer, UnsupportedKey, onlyPemBlock, toPem } from '@libs/pki';
import { join } from 'node:path';
import { EncryptedFileKey } from './encrypted-file-key';
import type { KeyBackend } from './key-backend';
import { assertOwnerOnly, readText } from './owner-only';

/** A CA that can sign. */
export interface SigningIssuer {
  readonly issuer: Issuer;
  readonly key: KeyBackend;
}

/** The intermediate that signs, and the root above it. */
export class KeyStore {
  /** PEM: the intermediate, then the root. */
  readonly chain: readonly [intermediate: string, root: string];

  constructor(
    readonly directory: string,
    readonly active: SigningIssuer,
    readonly root: Issuer,
  ) {
    this.chain = [toPem('CERTIFICATE', active.issuer.der), toPem('CERTIFICATE', root.der)];
  }

  /**
   * Reads `root.crt`, `intermediate.crt` and `intermediate.key.json` of an owner-only folder.
   * @throws StartError with a sentence for each way in which this can fail
   */
  static async open(directory: string, passphrase: string, now: Date): Promise<KeyStore> {
    await assertOwnerOnly(directory);
    const root = await readIssuer(join(directory, 'root.crt'));
    const issuer = await readIssuer(join(directory, 'intermediate.crt'));
    assertValid(root, join(directory, 'root.crt'), now);
    assertValid(issuer, join(directory, 'intermediate.crt'), now);
    if (!root.issued(root.certificate))
      throw new StartError(`${directory}/root.crt has not signed itself: it is no root.`);
    if (!root.issued(issuer.certificate)) {
      throw new StartError(`${directory}/intermediate.crt was not issued by the root in root.crt.`);
    }
    const key = await EncryptedFileKey.open(join(directory, 'intermediate.key.json'), passphrase, issuer);
    return new KeyStore(directory, { issuer, key }, root);
  }
}

async function readIssuer(path: string): Promise<Issuer> {
  const text = await readText(path);
  try {
    return Issuer.fromCertificate(onlyPemBlock(text, 'CERTIFICATE'));
  } catch (error) {
    if (error instanceof NotAnIssuer || error instanceof UnsupportedKey) {
      throw new StartError(`${path}: ${error.message}`, { cause: error });
    }
    if (error instanceof MalformedDer || error instanceof MalformedPem) {
      throw new StartError(`${path} is not a certificate in PEM: ${error.message}.`, { cause: error });
    }
    throw error;
  }
}

function assertValid(issuer: Issuer, path: string, now: Date): void {
  if (now < issuer.notBefore) {
    throw new StartError(`${path} is not valid before ${issuer.notBefore.toISOString()}: is the clock right?`);
  }
  if (now >= issuer.notAfter) throw new StartError(`${path} expired on ${issuer.notAfter.toISOString()}.`);
}
