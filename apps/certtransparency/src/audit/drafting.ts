import { createHash } from 'node:crypto';
import {
  type CrlEntry,
  type IssuedEntry,
  type LogEntry,
  type PrivateContext,
  REVOCATION_REASON_CODES,
  type RevokedEntry,
} from '@libs/contracts';
import { MalformedDer, onlyCommonName, parseCertificate, timeValue } from '@libs/pki';
import { canonicalJson, TlogError } from '@libs/tlog';
import { InvalidEntry } from './audit.errors';
import type { CrlDraft, Draft, IssuedDraft, RevokedDraft } from './draft';

const SERIAL_BYTES = 20;

/**
 * Turns what was submitted into what will be logged. Serial number, name and validity are read from the certificate, so
 * that no caller can have another thing searched than the one that was signed.
 * @throws InvalidEntry
 */
export function draftOf(entry: LogEntry): Draft {
  switch (entry.type) {
    case 'issued':
      return draftIssued(entry);
    case 'revoked':
      return draftRevoked(entry);
    case 'crl':
      return draftCrl(entry);
  }
}

function draftIssued(entry: IssuedEntry): IssuedDraft {
  const der = Buffer.from(entry.certificate, 'base64');
  return {
    type: 'issued',
    identity: createHash('sha256').update(der).digest(),
    context: contextJson(entry.context),
    kind: entry.kind,
    issuer: Buffer.from(entry.issuer, 'hex'),
    ...certificateFacts(der),
    der,
    issuanceId: entry.context?.issuance_id ?? null,
  };
}

function certificateFacts(der: Buffer): Pick<IssuedDraft, 'serial' | 'notBefore' | 'notAfter' | 'commonName'> {
  try {
    const { tbs } = parseCertificate(der);
    if (tbs.serialNumber.length !== SERIAL_BYTES) {
      throw new InvalidEntry('certificate', 'the serial number must be 20 bytes');
    }
    return {
      serial: tbs.serialNumber,
      notBefore: timeValue(tbs.notBefore, 'notBefore').getTime(),
      notAfter: timeValue(tbs.notAfter, 'notAfter').getTime(),
      commonName: storable(onlyCommonName(tbs.subject), 'certificate'),
    };
  } catch (error) {
    if (error instanceof MalformedDer) throw new InvalidEntry('certificate', error.message);
    throw error;
  }
}

function draftRevoked(entry: RevokedEntry): RevokedDraft {
  const revokedAt = Date.parse(entry.revoked_at);
  if (!Number.isSafeInteger(revokedAt) || revokedAt < 0)
    throw new InvalidEntry('revoked_at', 'revoked_at is not a date');
  return {
    type: 'revoked',
    identity: Buffer.from(entry.fingerprint, 'hex'),
    context: contextJson(entry.context),
    reason: REVOCATION_REASON_CODES[entry.reason],
    revokedAt,
    actor: entry.context?.actor ?? null,
  };
}

function draftCrl(entry: CrlEntry): CrlDraft {
  return {
    type: 'crl',
    identity: Buffer.from(entry.crl_sha256, 'hex'),
    context: null,
    issuer: Buffer.from(entry.issuer, 'hex'),
    crlNumber: entry.crl_number,
  };
}

export function contextJson(context: PrivateContext | undefined): string | null {
  if (context === undefined) return null;
  const members = Object.entries(context).filter(([, value]) => value !== undefined && value !== null);
  if (members.length === 0) return null;
  try {
    for (const [name, value] of members) storable(String(value), `context.${name}`);
    return canonicalJson(Object.fromEntries(members));
  } catch (error) {
    if (error instanceof TlogError) throw new InvalidEntry('context', error.message);
    throw error;
  }
}

/** PostgreSQL keeps no NUL in text. */
function storable(text: string, field: string): string {
  if (text.includes('\0')) throw new InvalidEntry(field, `${field} must not hold a NUL character`);
  return text;
}
