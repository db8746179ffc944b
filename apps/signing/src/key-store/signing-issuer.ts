import { StartError } from '@libs/http';
import { Issuer, MalformedDer, MalformedPem, NotAnIssuer, UnsupportedKey, onlyPemBlock } from '@libs/pki';
import { EncryptedFileKey } from './encrypted-file-key';
import type { IssuerFiles } from './issuer-folders';
import type { KeyBackend } from './key-backend';
import { readText } from './owner-only';

/** A CA that can sign. */
export interface SigningIssuer {
  /** The name of its folder, for logs and metrics; {@link topIssuerName} for the one without a folder of its own. */
  readonly name: string;
  readonly issuer: Issuer;
  readonly key: KeyBackend;
  /** What an operator should know and need not act upon at once. */
  readonly warning?: string;
}

/** Whether the issuer's own certificate has run out: then nothing that it issued is accepted any more, and no CRL of it is needed. */
export function hasExpired({ issuer }: Pick<SigningIssuer, 'issuer'>, now: Date): boolean {
  return now >= issuer.notAfter;
}

/** @throws StartError when the file is missing or no CA certificate */
export async function readIssuer(path: string): Promise<Issuer> {
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

/** @throws StartError when it has expired or is not valid yet */
export function assertValid(issuer: Issuer, path: string, now: Date): void {
  if (now < issuer.notBefore) {
    throw new StartError(`${path} is not valid before ${issuer.notBefore.toISOString()}: is the clock right?`);
  }
  if (hasExpired({ issuer }, now)) throw new StartError(`${path} expired on ${issuer.notAfter.toISOString()}.`);
}

/**
 * Opens one issuer of the root.
 * @throws StartError with a sentence for each way in which this can fail
 */
export async function openIssuer(
  files: IssuerFiles,
  issuer: Issuer,
  passphrases: readonly string[],
): Promise<SigningIssuer> {
  if (files.key === undefined) throw keyMissing(files);
  const key = await EncryptedFileKey.open(files.key, passphrases, issuer);
  const { name } = files;
  if (!key.isPkcs8) return { name, issuer, key };
  return {
    name,
    issuer,
    key,
    warning: "the key file is PKCS #8: its passphrase is easier to guess than an envelope's",
  };
}

/** A retired issuer whose key was destroyed too early: without a CRL of it, OpenVPN lets in whom it should refuse. */
const keyMissing = ({ certificate, keyExpected }: IssuerFiles): StartError =>
  new StartError(
    `${keyExpected} is missing. As long as ${certificate} is valid its CRL must be made: put the key back, or have the ` +
      'intermediate revoked in the CRL of the root and take its files away.',
  );
