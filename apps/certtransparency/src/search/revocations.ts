import { Injectable } from '@nestjs/common';
import type { RevocationFeed, RevocationFeedRequest, RevokedCertificate } from '@libs/contracts';
import { LogDatabase } from '../database/log-database';
import { Proofs } from '../proofs/proofs.service';
import { hex, iso, revokedCertificate, type RevocationRow } from './certificate-record';

/** Of a page, when nothing else is asked for. */
export const DEFAULT_LIMIT = 1_000;

/** Revocations from `since` up to, not including, `size`. */
export interface RevocationRange {
  readonly since: number;
  /** Of a checkpoint that was shown: all below it is there, and stays. */
  readonly size: number;
  readonly issuer?: string;
  readonly limit: number;
}

/** Every revocation, in log order. */
@Injectable()
export class Revocations {
  constructor(
    private readonly database: LogDatabase,
    private readonly proofs: Proofs,
  ) {}

  /** Revocations at or after a log index. Once complete, nothing below `next_since` will ever be added. */
  async feed({ since, issuer, limit = DEFAULT_LIMIT }: RevocationFeedRequest): Promise<RevocationFeed> {
    // The size first: entries become visible in order, so all below it are there for the second statement.
    const { size } = await this.proofs.checkpoint();
    return this.within({ since, size, limit, ...(issuer !== undefined && { issuer }) });
  }

  async within({ since, size, issuer, limit }: RevocationRange): Promise<RevocationFeed> {
    const rows = await this.database.rows<RevocationRow>(
      `SELECT r.idx, ${hex('r.fingerprint')} AS fingerprint, ${hex('r.issuer')} AS issuer, ${hex('c.serial')} AS serial,
         ${iso('c.not_after')} AS not_after, r.reason, ${iso('r.revoked_at')} AS revoked_at
       FROM ct.revocation r JOIN ct.certificate c ON c.fingerprint = r.fingerprint
       WHERE r.idx >= $1 AND r.idx < $2 AND ($3::bytea IS NULL OR r.issuer = $3)
       ORDER BY r.idx LIMIT $4`,
      [since, size, issuer === undefined ? null : Buffer.from(issuer, 'hex'), limit + 1],
    );
    const items: readonly RevokedCertificate[] = rows.slice(0, limit).map(revokedCertificate);
    const complete = rows.length <= limit;
    const last = items.at(-1);
    return { items, next_since: complete || last === undefined ? Math.max(size, since) : last.index + 1, complete };
  }
}
