import { Injectable } from '@nestjs/common';
import type { CertificateRecord, CertificateSearch, Page } from '@libs/contracts';
import { decodeLeaf } from '@libs/tlog';
import { CertificateNotFound } from '../certificate-not-found';
import { LogDatabase } from '../database/log-database';
import { certificateRecord, type CertificateRow } from './certificate-record';
import { printCursor } from './cursor';
import { NameSample } from './name-sample';
import { searchStatements, selectCertificates } from './search-statement';
import { type SearchTerms, SearchTermsReader } from './search-terms';

interface LeafRow extends CertificateRow {
  readonly leaf: Buffer;
}

/** What the log knows about certificates. */
@Injectable()
export class CertificateFinder {
  constructor(
    private readonly database: LogDatabase,
    private readonly terms: SearchTermsReader,
    private readonly names: NameSample,
  ) {}

  /**
   * Newest first. A page begins where the one before ended and not after a count of rows, so that it costs the same at any
   * depth and what is appended meanwhile shifts nothing.
   * @throws InvalidRequest
   */
  async search(query: CertificateSearch): Promise<Page<CertificateRecord>> {
    const terms = await this.terms.read(query);
    const rows = await this.rows(terms);
    const page = rows.slice(0, terms.limit);
    const last = page.at(-1);
    const cursor =
      rows.length > terms.limit && last !== undefined
        ? printCursor(query, { moment: terms.moment.getTime(), keys: terms.order.keysOf(last) })
        : null;
    return { items: page.map(certificateRecord), next_cursor: cursor };
  }

  private async rows(terms: SearchTerms): Promise<readonly CertificateRow[]> {
    const { common_name: name } = terms.query;
    const guess = name === undefined ? undefined : await this.names.guess(name);
    let rows: readonly CertificateRow[] = [];
    for (const { sql, parameters } of searchStatements(terms, guess)) {
      rows = await this.database.rows<CertificateRow>(sql, parameters);
      if (rows.length > terms.limit) break;
    }
    return rows;
  }

  /** @throws CertificateNotFound */
  async one(fingerprint: string): Promise<CertificateRecord> {
    const sql = `${selectCertificates('ct.certificate', ', e.leaf')}
      JOIN ct.entry e ON e.idx = c.idx WHERE c.fingerprint = $1`;
    const row = await this.database.row<LeafRow>(sql, [Buffer.from(fingerprint, 'hex')]);
    if (row === undefined) throw new CertificateNotFound();
    const leaf = decodeLeaf(row.leaf);
    if (leaf.type !== 'issued') throw new Error('a certificate row does not stand for an issued entry');
    return { ...certificateRecord(row), certificate: leaf.der.toString('base64') };
  }
}
