import type { Alarm } from './alarm';
import type { ServedCrl } from './crl-source';
import type { LoggedRevocation, MonitorState } from './monitor-state';

/** Serial numbers that a sentence names; the others are counted. */
const NAMED = 3;

export interface ComparisonOptions {
  readonly now: Date;
  /** How long a revocation may stand in the log before it stands on the CRL. */
  readonly graceMs: number;
}

/**
 * Both ways: what the log revoked stands on the CRL, and what stands on the CRL was revoked in the log. And the CRL itself
 * is one that the log knows.
 */
export function compareCrl(crl: ServedCrl, state: MonitorState, { now, graceMs }: ComparisonOptions): Alarm[] {
  const alarms: Alarm[] = [];
  const raise = (kind: Alarm['kind'], what: string) => {
    alarms.push({ kind, detail: `${crl.url}: CRL ${crl.number} of the CA ${crl.issuer} ${what}` });
  };
  if (crl.nextUpdate <= now) raise('crl_expired', `has expired at ${crl.nextUpdate.toISOString()}`);
  if (crl.isRoot) return alarms;
  const logged = state.crl(crl.sha256);
  if (logged?.issuer !== crl.issuer || BigInt(logged.number) !== crl.number) {
    raise('crl_not_logged', 'does not stand in the log');
  }
  const unlogged = [...crl.serials].filter((serial) => state.revocation(crl.issuer, serial) === undefined);
  if (unlogged.length > 0)
    raise('crl_has_unlogged_revocation', `lists what the log has not revoked: ${list(unlogged)}`);
  const lacking = state.revocations.filter(
    (revocation) =>
      revocation.issuer === crl.issuer && isDue(revocation, now, graceMs) && !crl.serials.has(revocation.serial),
  );
  if (lacking.length > 0) {
    raise('crl_lacks_revocation', `lacks what the log has revoked: ${list(lacking.map(({ serial }) => serial))}`);
  }
  return alarms;
}

/** Issuers whose unexpired revocations stand on no CRL at all. */
export function issuersWithoutCrl(
  crls: readonly ServedCrl[],
  state: MonitorState,
  options: ComparisonOptions,
): Alarm[] {
  const served = new Set(crls.map(({ issuer }) => issuer));
  const due = state.revocations.filter((revocation) => isDue(revocation, options.now, options.graceMs));
  const lacking = new Set(due.map(({ issuer }) => issuer).filter((issuer) => !served.has(issuer)));
  return [...lacking].map((issuer) => ({
    kind: 'crl_missing',
    detail: `the log has revocations of the CA ${issuer}, of which there is no CRL`,
  }));
}

function isDue({ loggedAt, notAfter }: LoggedRevocation, now: Date, graceMs: number): boolean {
  return notAfter > now.getTime() && loggedAt + graceMs <= now.getTime();
}

function list(serials: readonly string[]): string {
  const named = serials.slice(0, NAMED).join(', ');
  return serials.length > NAMED ? `${named} and ${serials.length - NAMED} more` : named;
}
