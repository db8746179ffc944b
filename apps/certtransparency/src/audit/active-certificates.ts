import type { Criterion } from './bulk-confirmation';

/** Of one criterion, at one moment, in a log of one size. */
export interface ActiveCertificates {
  readonly criterion: Criterion;
  readonly moment: number;
  readonly size: number;
}

/**
 * What the certificates are found by. Whether one is revoked is looked up for each of the few that a user or a key has; for an
 * issuer's the database may read all revocations at once.
 */
const FOUND_BY: Readonly<Record<Criterion['field'], { readonly rows: string; readonly revoked: string }>> = {
  user_id: byContext('user_id'),
  psk_id: byContext('psk_id'),
  issuer: {
    rows: 'ct.certificate c WHERE c.issuer = $1',
    revoked: 'EXISTS (SELECT FROM ct.revocation r WHERE r.fingerprint = c.fingerprint AND r.idx < $3)',
  },
};

function byContext(column: string) {
  return {
    rows: `ct.private_context p JOIN ct.certificate c ON c.idx = p.idx WHERE p.${column} = $1 AND p.entry_type = 1`,
    revoked: '(SELECT count(*) > 0 FROM ct.revocation r WHERE r.fingerprint = c.fingerprint AND r.idx < $3)',
  };
}

/** One after the other, in the order of the log. */
export function selectActive({ field }: Criterion): string {
  const { rows, revoked } = FOUND_BY[field];
  return `SELECT c.idx, c.fingerprint, c.issuer FROM ${rows}
    AND c.not_after > $2 AND c.idx < $3 AND NOT ${revoked} ORDER BY c.idx`;
}

/** What a preview says of them, and what has become of them since. */
export function summariseActive(criterion: Criterion): string {
  return `SELECT count(*) AS count, count(v.idx) AS revoked, max(v.idx) AS last_index,
      sha256(coalesce(string_agg(a.fingerprint, ''::bytea ORDER BY a.idx), '')) AS fingerprints,
      coalesce(array_agg(DISTINCT a.issuer), '{}') AS issuers
    FROM (${selectActive(criterion)}) a
    LEFT JOIN LATERAL (SELECT idx FROM ct.revocation WHERE fingerprint = a.fingerprint LIMIT 1) v ON true`;
}

export function activeParameters({ criterion, moment, size }: ActiveCertificates): unknown[] {
  const value = criterion.field === 'issuer' ? Buffer.from(criterion.value, 'hex') : criterion.value;
  return [value, new Date(moment), size];
}

export interface ActiveRow extends Record<string, unknown> {
  readonly idx: string;
  readonly fingerprint: Buffer;
  readonly issuer: Buffer;
}

export interface SummaryRow extends Record<string, unknown> {
  readonly count: string;
  readonly revoked: string;
  readonly last_index: string | null;
  readonly fingerprints: Buffer;
  readonly issuers: readonly Buffer[];
}
