import { extensionOf } from './certificate-reader';
import { MalformedDer } from './der-reader';
import { type ParsedCrl, crlAuthorityOf, crlNumberOf, crlSerialNumbers, parseCrl, verifyCrl } from './crl-reader';
import type { Issuer } from './issuer';
import { LintFailed, type LintFinding } from './lint';
import { Oid } from './oids';

export interface CrlLintSubject {
  readonly crl: ParsedCrl;
  readonly issuer: Issuer;
  /** The CRL that this one replaces; undefined for the first. */
  readonly previous: ParsedCrl | undefined;
  readonly now: Date;
  /** The serial numbers that must be on it: every unexpired revoked certificate of the issuer, in upper-case hexadecimal. */
  readonly expectedSerialNumbers: ReadonlySet<string>;
  /** Whether the certificate has expired: the only way to leave the list. */
  readonly hasExpired: (serialNumber: string) => boolean;
}

export interface CrlLintCheck {
  readonly id: string;
  readonly reference: string;
  readonly check: (subject: CrlLintSubject) => string | undefined;
}

const forbidden: ReadonlyMap<string, string> = new Map([
  [Oid.deltaCrlIndicator, 'a delta CRL lets revoked clients in'],
  [Oid.issuingDistributionPoint, 'an issuing distribution point locks good clients out'],
]);

const serialNumbersByCrl = new WeakMap<ParsedCrl, ReadonlySet<string>>();

function serialNumbersOf(crl: ParsedCrl): ReadonlySet<string> {
  const known = serialNumbersByCrl.get(crl) ?? new Set(crlSerialNumbers(crl));
  serialNumbersByCrl.set(crl, known);
  return known;
}

/** One step of a second, the unit of thisUpdate: of two CRLs with the same second the old one wins in OpenSSL. */
const oneSecondMs = 1000;

/** The rules that keep a CRL from locking everybody out or letting a revoked client in. */
export const crlChecks: readonly CrlLintCheck[] = [
  {
    id: 'crl-version-2',
    reference: 'RFC 5280 §5.1.2.1',
    check: ({ crl }) => (crl.version === 2 ? undefined : 'a CRL with extensions is version 2'),
  },
  {
    id: 'crl-issuer',
    reference: 'RFC 5280 §5.1.2.3',
    check: ({ crl, issuer }) =>
      crl.issuer.equals(issuer.subject) ? undefined : "the issuer is not the CA's subject: nobody would be refused",
  },
  {
    id: 'crl-authority-key-identifier',
    reference: 'RFC 5280 §5.2.1',
    check: ({ crl, issuer }) =>
      crlAuthorityOf(crl)?.equals(issuer.keyIdentifier) === true
        ? undefined
        : "the key identifier is not the CA's: nobody would be refused",
  },
  {
    id: 'crl-number',
    reference: 'RFC 5280 §5.2.3',
    check: ({ crl, previous }) => {
      const number = crlNumberOf(crl);
      if (number === undefined) return 'there is no CRL number';
      const before = previous && crlNumberOf(previous);
      return before === undefined || number > before ? undefined : 'the number is not larger than that of the last CRL';
    },
  },
  {
    id: 'crl-this-update',
    reference: 'RFC 5280 §5.1.2.4',
    check: ({ crl, previous, now }) => {
      if (crl.thisUpdate > now) return 'thisUpdate lies in the future: everybody would be refused';
      if (previous === undefined) return undefined;
      const step = crl.thisUpdate.getTime() - previous.thisUpdate.getTime();
      return step >= oneSecondMs
        ? undefined
        : 'thisUpdate is not later than that of the last CRL: the old one would win';
    },
  },
  {
    id: 'crl-next-update',
    reference: 'RFC 5280 §5.1.2.5',
    check: ({ crl, now }) =>
      crl.nextUpdate !== undefined && crl.nextUpdate > now
        ? undefined
        : 'nextUpdate is missing or past: everybody would be refused',
  },
  {
    id: 'crl-extensions',
    reference: 'RFC 5280 §5.2',
    check: ({ crl }) => {
      for (const [id, detail] of forbidden) if (extensionOf(crl.extensions, id) !== undefined) return detail;
      if (crl.extensions.some(({ critical }) => critical)) return 'a critical extension locks good clients out';
      return crl.extensions.length === 2 ? undefined : 'there are other extensions than key identifier and number';
    },
  },
  {
    id: 'crl-empty-list',
    reference: 'RFC 5280 §5.1.2.6',
    check: ({ crl }) =>
      crl.revoked?.length === 0 ? 'an empty list of revoked certificates must be absent' : undefined,
  },
  {
    id: 'crl-complete',
    reference: 'RFC 5280 §5.1.2.6',
    check: ({ crl, expectedSerialNumbers }) => {
      const found = serialNumbersOf(crl);
      if (found.size !== expectedSerialNumbers.size)
        return 'the number of revoked certificates is not the expected one';
      for (const serial of expectedSerialNumbers) if (!found.has(serial)) return 'a revoked certificate is missing';
      return undefined;
    },
  },
  {
    id: 'crl-leave-by-expiry',
    reference: 'RFC 5280 §5.3, §3.3',
    check: ({ crl, previous, hasExpired }) => {
      const found = serialNumbersOf(crl);
      for (const serial of previous === undefined ? [] : crlSerialNumbers(previous)) {
        if (!found.has(serial) && !hasExpired(serial)) return 'a certificate left the list before it expired';
      }
      return undefined;
    },
  },
  {
    id: 'crl-signature',
    reference: 'RFC 5280 §5.1.1.3',
    check: ({ crl, issuer }) => (verifyCrl(crl, issuer) ? undefined : "the signature is not the CA's"),
  },
];

/** Reads a CRL back and runs every check on it: it may be published only when the list is empty. */
export function lintCrl(der: Buffer, subject: Omit<CrlLintSubject, 'crl'>): LintFinding[] {
  const findings: LintFinding[] = [];
  try {
    const crl = parseCrl(der);
    for (const { id, reference, check } of crlChecks) {
      const detail = check({ crl, ...subject });
      if (detail !== undefined) findings.push({ id, reference, detail });
    }
  } catch (error) {
    if (!(error instanceof MalformedDer)) throw error;
    findings.push({ id: 'crl-well-formed', reference: 'X.690, RFC 5280 §5.1', detail: error.message });
  }
  return findings;
}

/** {@link lintCrl} that throws LintFailed. */
export function assertCrlLinted(der: Buffer, subject: Omit<CrlLintSubject, 'crl'>): void {
  const findings = lintCrl(der, subject);
  if (findings.length > 0) throw new LintFailed('the CRL', findings);
}
