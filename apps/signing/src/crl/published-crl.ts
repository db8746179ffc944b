import {
  type Issuer,
  MalformedDer,
  MalformedPem,
  type ParsedCrl,
  crlAuthorityOf,
  crlNumberOf,
  crlPemLabel,
  onlyPemBlock,
  parseCrl,
  toPem,
  verifyCrl,
} from '@libs/pki';

/** A CRL whose signature has been verified: fit to be served. */
export interface PublishedCrl {
  readonly parsed: ParsedCrl;
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly pem: string;
}

/** Bytes are not a CRL of the issuer. `message` is a sentence for the operator. */
export class NotACrl extends Error {
  override readonly name = 'NotACrl';
}

/** @throws NotACrl */
export function publishedCrl(der: Buffer, issuer: Issuer): PublishedCrl {
  const parsed = readable(() => parseCrl(der));
  const number = readable(() => crlNumberOf(parsed));
  const authority = readable(() => crlAuthorityOf(parsed));
  const { thisUpdate, nextUpdate } = parsed;
  if (!parsed.issuer.equals(issuer.subject) || authority?.equals(issuer.keyIdentifier) !== true) {
    throw new NotACrl('It is the CRL of another CA.');
  }
  if (number === undefined || nextUpdate === undefined) throw new NotACrl('It lacks a CRL number or nextUpdate.');
  if (!verifyCrl(parsed, issuer)) throw new NotACrl("Its signature is not the CA's.");
  return { parsed, number, thisUpdate, nextUpdate, pem: toPem(crlPemLabel, der) };
}

/** The CRL in a PEM file. @throws NotACrl */
export function publishedCrlFromPem(text: string, issuer: Issuer): PublishedCrl {
  return publishedCrl(
    readable(() => onlyPemBlock(text, crlPemLabel)),
    issuer,
  );
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedDer || error instanceof MalformedPem) {
      throw new NotACrl(`It cannot be read: ${error.message}.`, { cause: error });
    }
    throw error;
  }
}
