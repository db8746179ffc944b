import { Injectable } from '@nestjs/common';
import {
  CERTIFICATE_KINDS,
  type CertificateRecord,
  type CertificateSearch,
  type Page,
  SERIAL_HEX,
} from '@libs/contracts';
import { InvalidRequest } from '@libs/http';
import { decodeLeaf } from '@libs/tlog';
import { CertificateNotFound } from '../certificate-not-found';
import { LogDatabase } from '../database/log-database';
import { certificateRecord, type CertificateRow } from './certificate-record';
import { parseCursor, printCursor } from './cursor';

const DEFAULT_LIMIT = 50;

const COLUMNS = `
  c.idx, c.fingerprint, c.issuer, c.serial, c.kind, c.common_name, c.not_before, c.not_after, c.logged_at,
  r.idx AS revocation_idx, r.reason, r.revoked_at, p.context`;

const TABLES = `
  ct.certificate c
  LEFT JOIN ct.revocation r ON r.fingerprint = c.fingerprint
  LEFT JOIN ct.private_context p ON p.idx = c.idx`;

interface LeafRow extends CertificateRow {
  readonly leaf: Buffer;
}

/** Conditions and their parameters; each `?` of a condition becomes the next parameter. */
class Conditions {
  readonly parameters: unknown[] = [];
  private readonly conditions: string[] = [];

  add(condition: string, value: unknown): void {
    this.parameters.push(value);
    this.conditions.push(condition.replace('?', `$${String(this.parameters.length)}`));
  }

  get sql(): string {
    return this.conditions.length === 0 ? '' : `WHERE ${this.conditions.join(' AND ')}`;
  }
}

/** What the log knows about certificates. */
@Injectable()
export class CertificateFinder {
  constructor(private readonly database: LogDatabase) {}

  /** Newest first. Pages by log index, so that what is appended meanwhile shifts nothing. */
  async search(query: CertificateSearch): Promise<Page<CertificateRecord>> {
    const limit = query.limit ?? DEFAULT_LIMIT;
    const conditions = conditionsOf(query);
    // One row more than asked for tells whether there is a next page.
    const sql = `SELECT ${COLUMNS} FROM ${TABLES} ${conditions.sql} ORDER BY c.idx DESC LIMIT ${String(limit + 1)}`;
    const rows = await this.database.rows<CertificateRow>(sql, conditions.parameters);
    const items = rows.slice(0, limit).map(certificateRecord);
    const last = items.at(-1);
    return { items, next_cursor: rows.length > limit && last ? printCursor(last.index) : null };
  }

  /** @throws CertificateNotFound */
  async one(fingerprint: string): Promise<CertificateRecord> {
    const sql = `SELECT ${COLUMNS}, e.leaf FROM ${TABLES} JOIN ct.entry e ON e.idx = c.idx WHERE c.fingerprint = $1`;
    const row = await this.database.row<LeafRow>(sql, [Buffer.from(fingerprint, 'hex')]);
    if (row === undefined) throw new CertificateNotFound();
    const leaf = decodeLeaf(row.leaf);
    if (leaf.type !== 'issued') throw new Error('a certificate row does not stand for an issued entry');
    return { ...certificateRecord(row), certificate: leaf.der.toString('base64') };
  }
}

function conditionsOf(query: CertificateSearch): Conditions {
  const conditions = new Conditions();
  const { fingerprint, serial, issuer, kind, user_id: userId, psk_id: pskId, issuance_id: issuanceId, cursor } = query;
  if (fingerprint !== undefined) conditions.add('c.fingerprint = ?', Buffer.from(fingerprint, 'hex'));
  if (serial !== undefined) conditions.add('c.serial = ?', serialBytes(serial));
  if (issuer !== undefined) conditions.add('c.issuer = ?', Buffer.from(issuer, 'hex'));
  if (kind !== undefined) conditions.add('c.kind = ?', CERTIFICATE_KINDS.indexOf(kind) + 1);
  if (userId !== undefined) conditions.add('p.user_id = ?', userId);
  if (pskId !== undefined) conditions.add('p.psk_id = ?', pskId);
  if (issuanceId !== undefined) conditions.add('p.issuance_id = ? AND p.entry_type = 1', issuanceId);
  if (cursor !== undefined) conditions.add('c.idx < ?', parseCursor(cursor));
  return conditions;
}

function serialBytes(serial: string): Buffer {
  const hex = serial.toUpperCase();
  if (!SERIAL_HEX.test(hex)) {
    throw new InvalidRequest([{ field: 'serial', message: 'serial must be 40 hex digits' }]);
  }
  return Buffer.from(hex, 'hex');
}
