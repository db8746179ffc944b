import {
  CERTIFICATE_KINDS,
  type CertificateRecord,
  type PrivateContext,
  revocationReasonOf,
  type RevocationReason,
  type RevokedCertificate,
} from '@libs/contracts';
import { safeInteger } from '../database/log-database';

/** A certificate with its revocation and context, as the queries of this folder select it. */
export interface CertificateRow extends Record<string, unknown> {
  readonly idx: string;
  readonly fingerprint: Buffer;
  readonly issuer: Buffer;
  readonly serial: Buffer;
  readonly kind: number;
  readonly common_name: string;
  readonly not_before: Date;
  readonly not_after: Date;
  readonly logged_at: Date;
  readonly revocation_idx: string | null;
  readonly reason: number | null;
  readonly revoked_at: Date | null;
  readonly context: string | null;
}

export interface RevocationRow extends Record<string, unknown> {
  readonly idx: string;
  readonly fingerprint: Buffer;
  readonly issuer: Buffer;
  readonly serial: Buffer;
  readonly not_after: Date;
  readonly reason: number;
  readonly revoked_at: Date;
}

export function certificateRecord(row: CertificateRow): CertificateRecord {
  return {
    index: safeInteger(row.idx),
    fingerprint: row.fingerprint.toString('hex'),
    serial_number: serialNumber(row.serial),
    kind: kindOf(row.kind),
    common_name: row.common_name,
    issuer: row.issuer.toString('hex'),
    not_before: row.not_before.toISOString(),
    not_after: row.not_after.toISOString(),
    logged_at: row.logged_at.toISOString(),
    revocation: revocationOf(row),
    context: row.context === null ? null : (JSON.parse(row.context) as PrivateContext),
  };
}

export function revokedCertificate(row: RevocationRow): RevokedCertificate {
  return {
    index: safeInteger(row.idx),
    fingerprint: row.fingerprint.toString('hex'),
    serial_number: serialNumber(row.serial),
    issuer: row.issuer.toString('hex'),
    not_after: row.not_after.toISOString(),
    reason: reasonOf(row.reason),
    revoked_at: row.revoked_at.toISOString(),
  };
}

function revocationOf({ revocation_idx, reason, revoked_at }: CertificateRow): CertificateRecord['revocation'] {
  if (revocation_idx === null || reason === null || revoked_at === null) return null;
  return { index: safeInteger(revocation_idx), reason: reasonOf(reason), revoked_at: revoked_at.toISOString() };
}

function serialNumber(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
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
