import {
  type CertificateLog,
  REVOCATION_REASON_CODES,
  type RevokedCertificate as RevokedRecord,
} from '@libs/contracts';
import type { RevokedCertificate } from '@libs/pki';

interface IndexedRevocation extends RevokedCertificate {
  readonly notAfter: Date;
}

const PAGE = 10_000;

/**
 * Every revocation of one issuer that the log holds, in memory: the first pull reads them all, each later one only what is new.
 * It only grows, so that a log which forgets cannot un-revoke anything here.
 */
export class RevocationIndex {
  private readonly bySerialNumber = new Map<string, IndexedRevocation>();
  private since = 0;
  private newest = -1;

  constructor(private readonly issuer: string) {}

  /** All revocations with a log index below this one are known. */
  get completeBelow(): number {
    return this.since;
  }

  /** The log index of the last revocation known; -1 where there is none. */
  get newestIndex(): number {
    return this.newest;
  }

  /** Reads what the log has beyond {@link completeBelow}. Pulls may overlap. @throws UpstreamUnavailable */
  async pull(log: CertificateLog): Promise<void> {
    let cursor = this.since;
    for (let complete = false; !complete;) {
      const page = await log.revocations({ since: cursor, issuer: this.issuer, limit: PAGE });
      for (const record of page.items) this.add(record);
      cursor = page.next_since;
      complete = page.complete;
    }
    this.since = Math.max(this.since, cursor);
  }

  /**
   * What a CRL must list: everything that has not expired by `moment`.
   * @param moment thisUpdate of the CRL before, so that each certificate stands on one CRL beyond its validity (RFC 5280 §3.3)
   */
  unexpiredAt(moment: Date): RevokedCertificate[] {
    const result: RevokedCertificate[] = [];
    for (const entry of this.bySerialNumber.values()) if (entry.notAfter >= moment) result.push(entry);
    return result;
  }

  /** Whether the revoked certificate had expired by `moment`; false for one that is not known. */
  hasExpired(serialNumber: string, moment: Date): boolean {
    const entry = this.bySerialNumber.get(serialNumber);
    return entry !== undefined && entry.notAfter < moment;
  }

  private add(record: RevokedRecord): void {
    this.newest = Math.max(this.newest, record.index);
    if (this.bySerialNumber.has(record.serial_number)) return;
    this.bySerialNumber.set(record.serial_number, {
      serialNumber: record.serial_number,
      revokedAt: new Date(record.revoked_at),
      reason: REVOCATION_REASON_CODES[record.reason],
      notAfter: new Date(record.not_after),
    });
  }
}
