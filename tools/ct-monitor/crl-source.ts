import {
  crlAuthorityOf,
  crlNumberOf,
  crlPemLabel,
  crlSerialNumbers,
  type Issuer,
  MalformedDer,
  MalformedPem,
  type ParsedCrl,
  parseCrl,
  parsePem,
  sha256,
  verifyCrl,
} from '@libs/pki';
import type { Alarm } from './alarm';

/** A CRL as it is served, signed by one of the CAs that were named. */
export interface ServedCrl {
  readonly url: string;
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, as in the log. */
  readonly issuer: string;
  /** A root signs its CRL elsewhere, and not into the log. */
  readonly isRoot: boolean;
  readonly number: bigint;
  readonly sha256: string;
  readonly nextUpdate: Date;
  /** Upper-case hex. */
  readonly serials: ReadonlySet<string>;
}

export interface ServedCrls {
  readonly crls: readonly ServedCrl[];
  readonly alarms: readonly Alarm[];
}

/** Reads a body of one or more PEM blocks; each that is not a CRL of one of the CAs is an alarm. */
export function readCrls(url: string, body: string, authorities: readonly Issuer[]): ServedCrls {
  const crls: ServedCrl[] = [];
  const alarms: Alarm[] = [];
  const invalid = (reason: string) => alarms.push({ kind: 'crl_invalid', detail: `${url}: ${reason}` });
  try {
    for (const { label, der } of parsePem(body)) {
      const served = label === crlPemLabel ? servedCrl(url, der, authorities) : 'there is something else than a CRL';
      if (typeof served === 'string') invalid(served);
      else crls.push(served);
    }
  } catch (error) {
    if (!(error instanceof MalformedPem || error instanceof MalformedDer)) throw error;
    invalid(error.message);
  }
  for (const authority of authorities) {
    const issuer = authority.spkiSha256.toString('hex');
    if (!crls.some((crl) => crl.issuer === issuer)) {
      alarms.push({ kind: 'crl_missing', detail: `${url}: there is no good CRL of the CA ${issuer}` });
    }
  }
  return { crls, alarms };
}

function servedCrl(url: string, der: Buffer, authorities: readonly Issuer[]): ServedCrl | string {
  const crl = parseCrl(der);
  const authority = authorities.find((each) => isBy(crl, each));
  if (authority === undefined) return 'a CRL is of a CA that was not named';
  if (!verifyCrl(crl, authority)) return "the signature of a CRL is not its CA's";
  const number = crlNumberOf(crl);
  if (number === undefined || crl.nextUpdate === undefined) return 'a CRL lacks number or nextUpdate';
  return {
    url,
    issuer: authority.spkiSha256.toString('hex'),
    isRoot: authority.issued(authority.certificate),
    number,
    sha256: sha256(der).toString('hex'),
    nextUpdate: crl.nextUpdate,
    serials: new Set(crlSerialNumbers(crl)),
  };
}

function isBy(crl: ParsedCrl, { subject, keyIdentifier }: Issuer): boolean {
  return crl.issuer.equals(subject) && crlAuthorityOf(crl)?.equals(keyIdentifier) === true;
}
