import { CERTIFICATE_KINDS, type CertificateSearch } from '@libs/contracts';
import { safeInteger } from '../database/log-database';
import type { CertificateRow } from './certificate-record';

/** What a list is sorted by: positions of the log, when certificates expire, positions of their revocations. */
export type Axis = 'issue' | 'expiry' | 'revocation';

/** A condition of equality, whose column an index has before those of the axis. */
export interface Lead {
  readonly field: keyof CertificateSearch;
  readonly column: string;
  readonly value: unknown;
}

/** The order of a list, newest first: one that an index delivers, so that a page reads what it shows and hardly more. */
export interface SearchOrder {
  readonly axis: Axis;
  readonly lead: Lead | undefined;
  /** After the lead's. */
  readonly columns: readonly string[];
  /** The numbers that make a row's position, times in milliseconds. */
  readonly keysOf: (row: CertificateRow) => readonly number[];
}

/**
 * A list that is about a range of expiry is sorted by it, since one index cannot serve the range of one column and the
 * order of another. So is the list of what is valid of an issuer: of an old issuer the newest have expired all the same.
 */
export function orderOf(query: CertificateSearch): SearchOrder {
  if (isAboutExpiry(query)) {
    return {
      axis: 'expiry',
      lead: issuerLead(query, 'c.issuer'),
      columns: ['c.not_after', 'c.idx'],
      keysOf: (row) => [Date.parse(row.not_after), safeInteger(row.idx)],
    };
  }
  if (query.status === 'revoked') {
    return {
      axis: 'revocation',
      lead: issuerLead(query, 'r.issuer'),
      columns: ['r.idx'],
      keysOf: (row) => [safeInteger(row.revocation_idx ?? '')],
    };
  }
  const lead = contextLead(query) ?? issuerLead(query, 'c.issuer') ?? kindLead(query);
  const column = lead?.column.startsWith('p.') ? 'p.idx' : 'c.idx';
  return { axis: 'issue', lead, columns: [column], keysOf: (row) => [safeInteger(row.idx)] };
}

function isAboutExpiry({ status, issuer, expires_from: from, expires_to: to }: CertificateSearch): boolean {
  if (from !== undefined || to !== undefined || status === 'expired') return true;
  return status === 'valid' && issuer !== undefined;
}

function contextLead({ user_id: user, psk_id: psk }: CertificateSearch): Lead | undefined {
  if (user !== undefined) return { field: 'user_id', column: 'p.user_id', value: user };
  return psk === undefined ? undefined : { field: 'psk_id', column: 'p.psk_id', value: psk };
}

function issuerLead({ issuer }: CertificateSearch, column: string): Lead | undefined {
  return issuer === undefined ? undefined : { field: 'issuer', column, value: Buffer.from(issuer, 'hex') };
}

function kindLead({ kind }: CertificateSearch): Lead | undefined {
  return kind && { field: 'kind', column: 'c.kind', value: CERTIFICATE_KINDS.indexOf(kind) + 1 };
}
