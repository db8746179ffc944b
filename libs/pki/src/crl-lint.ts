import { extensionOf } from './certificate-reader';
import { type Listing, isComplete, onlyExpiredLeft, readListing } from './crl-listing';
import { type ParsedCrl, crlAuthorityOf, crlNumberOf, parseCrl, verifyCrlOffThread } from './crl-reader';
import type { RevokedList } from './crl-revocations';
import { Turns } from './crl-turns';
import { MalformedDer } from './der-reader';
import type { Issuer } from './issuer';
import { LintFailed, type LintFinding } from './lint';
import { Oid } from './oids';

export interface CrlLintSubject {
  readonly crl: ParsedCrl;
  readonly issuer: Issuer;
  /** The CRL that this one replaces; undefined for the first. */
  readonly previous: ParsedCrl | undefined;
  readonly now: Date;
  /** Every certificate that the issuer has revoked. */
  readonly revoked: RevokedList;
  /** What had expired by then may be missing, and nothing else; nothing at all where it is undefined. */
  readonly listedFrom?: Date | undefined;
  /** How often a new CRL is made; left out where people make it. */
  readonly publishEveryMs?: number | undefined;
}

interface LintContext extends CrlLintSubject {
  readonly listing: Listing;
  readonly turns: Turns;
}

export interface CrlLintCheck {
  readonly id: string;
  readonly reference: string;
  readonly check: (context: LintContext) => string | undefined | Promise<string | undefined>;
}

const forbidden: ReadonlyMap<string, string> = new Map([
  [Oid.deltaCrlIndicator, 'a delta CRL lets revoked clients in'],
  [Oid.issuingDistributionPoint, 'an issuing distribution point locks good clients out'],
]);

/** One step of a second, the unit of thisUpdate: of two CRLs with the same second the old one wins in OpenSSL. */
const oneSecondMs = 1000;
/** How far a server's clock may be behind without locking everybody out. */
export const leastBackdatingMs = 30_000;
/** A publication that fails once must not lock anybody out. */
const publicationsPerLife = 2;

const checksOfFields: readonly CrlLintCheck[] = [
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
      if (now.getTime() - crl.thisUpdate.getTime() < leastBackdatingMs) {
        return 'thisUpdate is not backdated: servers whose clock is behind would refuse everybody';
      }
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
    check: ({ crl, now, publishEveryMs = 0 }) => {
      const { thisUpdate, nextUpdate } = crl;
      if (nextUpdate === undefined || nextUpdate <= now || nextUpdate <= thisUpdate) {
        return 'nextUpdate is missing or past: everybody would be refused';
      }
      const life = nextUpdate.getTime() - thisUpdate.getTime();
      return life >= publicationsPerLife * publishEveryMs
        ? undefined
        : 'nextUpdate is nearer than two publishing periods: one that fails would lock everybody out';
    },
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
];

const checksOfTheList: readonly CrlLintCheck[] = [
  {
    id: 'crl-empty-list',
    reference: 'RFC 5280 §5.1.2.6',
    check: ({ crl }) =>
      crl.revoked?.length === 0 ? 'an empty list of revoked certificates must be absent' : undefined,
  },
  {
    id: 'crl-entries',
    reference: 'RFC 5280 §5.1.2.6, §5.3.1',
    check: ({ listing }) => listing.wrongEntry,
  },
  {
    id: 'crl-complete',
    reference: 'RFC 5280 §5.1.2.6',
    check: async ({ listing, revoked, listedFrom, turns }) =>
      (await isComplete(listing, revoked, listedFrom, turns)) ? undefined : 'a revoked certificate is missing',
  },
  {
    id: 'crl-leave-by-expiry',
    reference: 'RFC 5280 §5.3, §3.3',
    check: async ({ previous, listing, revoked, listedFrom, turns }) =>
      previous === undefined || (await onlyExpiredLeft(previous.revoked, listing, revoked, listedFrom, turns))
        ? undefined
        : 'a certificate left the list before it expired',
  },
  {
    id: 'crl-signature',
    reference: 'RFC 5280 §5.1.1.3',
    check: async ({ crl, issuer }) =>
      (await verifyCrlOffThread(crl, issuer)) ? undefined : "the signature is not the CA's",
  },
];

/** The rules that keep a CRL from locking everybody out or letting a revoked client in. */
export const crlChecks: readonly CrlLintCheck[] = [...checksOfFields, ...checksOfTheList];

/**
 * Reads a CRL back and runs every check on it, in turns with whatever else the process does: it may be published only when the
 * list is empty.
 */
export async function lintCrl(
  der: Buffer,
  subject: Omit<CrlLintSubject, 'crl'>,
  turns = new Turns(),
): Promise<LintFinding[]> {
  const findings: LintFinding[] = [];
  try {
    const crl = parseCrl(der);
    const listing = await readListing(crl.revoked, subject.revoked, turns);
    for (const { id, reference, check } of crlChecks) {
      const detail = await check({ crl, listing, turns, ...subject });
      if (detail !== undefined) findings.push({ id, reference, detail });
    }
  } catch (error) {
    if (!(error instanceof MalformedDer)) throw error;
    findings.push({ id: 'crl-well-formed', reference: 'X.690, RFC 5280 §5.1', detail: error.message });
  }
  return findings;
}

/** {@link lintCrl} that throws LintFailed. */
export async function assertCrlLinted(
  der: Buffer,
  subject: Omit<CrlLintSubject, 'crl'>,
  turns = new Turns(),
): Promise<void> {
  const findings = await lintCrl(der, subject, turns);
  if (findings.length > 0) throw new LintFailed('the CRL', findings);
}
