import { type ParsedCertificate, openPrivateKey, KeyEnvelopeError, spkiOf } from '@libs/pki';
import { type KeyObject, createPrivateKey } from 'node:crypto';
import { Refused } from '../../cli/refused';
import type { Passphrases } from '../passphrases';

export interface ImportedKey {
  readonly privateKey: KeyObject;
  readonly wasEncrypted: boolean;
}

const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/**
 * The private key of a CA from whatever file another tool has left it in: PKCS #8 or the older forms, encrypted or not, or an
 * envelope of ours.
 * @throws Refused unless it is the certificate's
 */
export async function openForeignKey(
  text: string,
  path: string,
  certificate: ParsedCertificate,
  passphrases: Passphrases,
): Promise<ImportedKey> {
  const isEnvelope = text.trimStart().startsWith('{');
  const wasEncrypted = isEnvelope || ENCRYPTED.test(text);
  const passphrase = wasEncrypted ? await passphrases.existing('imported') : undefined;
  const privateKey = isEnvelope ? await openEnvelope(text, passphrase ?? '', path) : openPem(text, passphrase, path);
  if (!spkiOf(privateKey).equals(certificate.tbs.spki)) throw new Refused(`${path} is not the key of the certificate.`);
  return { privateKey, wasEncrypted };
}

async function openEnvelope(text: string, passphrase: string, path: string): Promise<KeyObject> {
  try {
    return await openPrivateKey(text, passphrase);
  } catch (error) {
    if (error instanceof KeyEnvelopeError) throw new Refused(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

function openPem(text: string, passphrase: string | undefined, path: string): KeyObject {
  try {
    return createPrivateKey({ key: text, format: 'pem', ...(passphrase !== undefined && { passphrase }) });
  } catch {
    const reason =
      passphrase === undefined ? 'It is not a private key.' : 'The passphrase is wrong, or it is not a key.';
    throw new Refused(`${path}: ${reason}`);
  }
}
