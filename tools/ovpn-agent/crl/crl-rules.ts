import { crlAuthorityOf, extensionOf, type Issuer, Oid, type ParsedCrl, verifyCrl } from '@libs/pki';

interface Subject {
  readonly crl: ParsedCrl;
  readonly issuer: Issuer;
  readonly now: Date;
}

/** What OpenVPN does wrong with, a sentence without its full stop for each (docs/decisions/0008). */
const RULES: readonly (readonly [isBroken: (subject: Subject) => boolean, sentence: string])[] = [
  [({ crl }) => crl.version !== 2, 'a CRL with extensions is version 2'],
  [({ crl, issuer }) => !crl.issuer.equals(issuer.subject), "the issuer is not the CA's subject"],
  [
    ({ crl, issuer }) => crlAuthorityOf(crl)?.equals(issuer.keyIdentifier) !== true,
    "the key identifier is not the CA's",
  ],
  [({ crl, now }) => crl.thisUpdate > now, 'thisUpdate lies in the future: everybody would be refused'],
  [
    ({ crl, now }) => crl.nextUpdate === undefined || crl.nextUpdate <= now,
    'nextUpdate is missing or past: everybody would be refused',
  ],
  [({ crl }) => has(crl, Oid.deltaCrlIndicator), 'a delta CRL lets revoked clients in'],
  [({ crl }) => has(crl, Oid.issuingDistributionPoint), 'an issuing distribution point locks good clients out'],
  [({ crl }) => crl.extensions.some(({ critical }) => critical), 'a critical extension locks good clients out'],
  [({ crl, issuer }) => !verifyCrl(crl, issuer), "the signature is not the CA's"],
];

/** The first rule that the CRL breaks; undefined when OpenVPN will do right with it. */
export function brokenRule(subject: Subject): string | undefined {
  return RULES.find(([isBroken]) => isBroken(subject))?.[1];
}

function has({ extensions }: ParsedCrl, id: string): boolean {
  return extensionOf(extensions, id) !== undefined;
}
