import {
  CERTIFICATE_KINDS,
  type CertificateRecord,
  type PrivateContext,
  revocationReasonOf,
  type RevocationReason,
  type RevokedCertificate,
} from '@libs/contracts';
import { safeInteger } from '../database/log-database';

/** Bytes as they are shown. To have the database print them saves this process most of what a row costs it. */
export const hex = (column: string): string => `encode(${column}, 'hex')`;

/** A time as it is shown, which is as `Date.toISOString` prints it. */
export const iso = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** A certificate with its revocation and context, as the queries of this folder select it. */
export interface CertificateRow extends Record<string, unknown> {
  readonly idx: string;
  readonly fingerprint: string;
  readonly issuer: string;
  readonly serial: string;
  readonly kind: number;
  readonly common_name: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly logged_at: string;
  readonly revocation_idx: string | null;
  readonly reason: number | null;
  readonly revoked_at: string | null;
  readonly context: string | null;
}

export interface RevocationRow extends Record<string, unknown> {
  readonly idx: string;
  readonly fingerprint: string;
  readonly issuer: string;
  readonly serial: string;
  readonly not_after: string;
  readonly reason: number;
  readonly revoked_at: string;
}

export function certificateRecord(row: CertificateRow): CertificateRecord {
  return {
    index: safeInteger(row.idx),
    fingerprint: row.fingerprint,
    serial_number: row.serial.toUpperCase(),
    kind: kindOf(row.kind),
    common_name: row.common_name,
    issuer: row.issuer,
    not_before: row.not_before,
    not_after: row.not_after,
    logged_at: row.logged_at,
    revocation: revocationOf(row),
    context: row.context === null ? null : (JSON.parse(row.context) as PrivateContext),
  };
}

export function revokedCertificate(row: RevocationRow): RevokedCertificate {
  return {
    index: safeInteger(row.idx),
    fingerprint: row.fingerprint,
    serial_number: row.serial.toUpperCase(),
    issuer: row.issuer,
    not_after: row.not_after,
    reason: reasonOf(row.reason),
    revoked_at: row.revoked_at,
  };
}

function revocationOf({ revocation_idx, reason, revoked_at }: CertificateRow): CertificateRecord['revocation'] {
  if (revocation_idx === null || reason === null || revoked_at === null) return null;
  return { index: safeInteger(revocation_idx), reason: reasonOf(reason), revoked_at };
}

function kindOf(code: number): CertificateRecord['kind'] {
  const kind = CERTIFICATE_KINDS[code - 1];
  if (kind === undefined) throw new Error('the database holds an unknown kind of certificate');
  return kind;
}

function reasonOf(code: number): RevocationReason {
  const reason = revocationReasonOf(code);
  if (reason === undefined) throw new Error('the database holds an unknown revocation reason');
  return reason;
}
