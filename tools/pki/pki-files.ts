import {
  type AcceptedCsr,
  CsrRejected,
  Issuer,
  KeyEnvelopeError,
  MalformedDer,
  MalformedPem,
  NotAnIssuer,
  type ParsedCrl,
  UnsupportedKey,
  acceptCsr,
  crlAuthorityOf,
  crlNumberOf,
  crlPemLabel,
  onlyPemBlock,
  openPrivateKey,
  parseCrl,
  sha256,
  verifyCrl,
} from '@libs/pki';
import type { KeyObject } from 'node:crypto';
import { Refused } from '../cli/refused';
import type { RequestedKey } from './ca-plan';

/** The key of an encrypted key file, which must be that of `spki`. @throws Refused */
export async function openKey(text: string, passphrase: string, spki: Buffer, path: string): Promise<KeyObject> {
  try {
    return await openPrivateKey(text, passphrase, { spki });
  } catch (error) {
    if (error instanceof KeyEnvelopeError) throw new Refused(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** @throws Refused unless the file is one CA certificate in PEM */
export function issuerFrom(content: Buffer, path: string): Issuer {
  try {
    return Issuer.fromCertificate(onlyPemBlock(content.toString('utf8'), 'CERTIFICATE'));
  } catch (error) {
    if (error instanceof NotAnIssuer || error instanceof UnsupportedKey) {
      throw new Refused(`${path}: ${error.message}`, { cause: error });
    }
    throw unreadable(error, path, 'a certificate');
  }
}

/**
 * The key of a request (PKCS #10), once its holder has proven to have it. Nothing else is taken from the request.
 * @throws Refused unless it is the key that was reviewed
 */
export function requestedSpki(content: Buffer, { csr: path, sha256: reviewed }: RequestedKey): Buffer {
  const { spki } = acceptedCsr(content, path);
  const found = sha256(spki).toString('hex');
  if (found === reviewed) return spki;
  throw new Refused(`${path} is for another key than the ceremony file says: its Key SHA-256 is ${found}.`);
}

function acceptedCsr(content: Buffer, path: string): AcceptedCsr {
  try {
    return acceptCsr(content.toString('utf8'));
  } catch (error) {
    if (error instanceof CsrRejected) throw new Refused(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** @throws Refused unless the file is a CRL of the issuer with a number */
export function rootCrlFrom(
  content: Buffer,
  path: string,
  issuer: Issuer,
): { readonly crl: ParsedCrl; readonly crlNumber: bigint } {
  try {
    const crl = parseCrl(onlyPemBlock(content.toString('utf8'), crlPemLabel));
    const crlNumber = crlNumberOf(crl);
    const isOurs = crl.issuer.equals(issuer.subject) && crlAuthorityOf(crl)?.equals(issuer.keyIdentifier) === true;
    if (!isOurs || !verifyCrl(crl, issuer)) throw new Refused(`${path} is not a CRL of the root.`);
    if (crlNumber === undefined) throw new Refused(`${path} has no CRL number.`);
    return { crl, crlNumber };
  } catch (error) {
    throw unreadable(error, path, 'a CRL');
  }
}

export function unreadable(error: unknown, path: string, what: string): unknown {
  if (!(error instanceof MalformedDer) && !(error instanceof MalformedPem)) return error;
  return new Refused(`${path} is not ${what} in PEM: ${error.message}.`, { cause: error });
}
