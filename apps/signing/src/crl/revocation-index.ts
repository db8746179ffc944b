import {
  type CertificateLog,
  REVOCATION_REASON_CODES,
  type RevokedCertificate as RevokedRecord,
} from '@libs/contracts';
import { RevocationTable, type RevokedList, Turns } from '@libs/pki';

/** A page is read at one go, and one of this size takes some milliseconds. */
const PAGE = 2_500;
const RECORDS_PER_LOOK = 256;
/** revoked_at is a claim: a date that no CRL can carry must not keep the certificate off it. */
const EARLIEST = Date.UTC(1970, 0, 1);
const LATEST = Date.UTC(2106, 0, 1);

/**
 * Every revocation of one issuer that the log holds, in memory: the first pull reads them all, each later one only what is new.
 * It only grows, so that a log which forgets cannot un-revoke anything here.
 */
export class RevocationIndex {
  private readonly table = new RevocationTable();
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

  /** What is known now; it does not change when more becomes known. */
  get revoked(): RevokedList {
    return this.table.snapshot();
  }

  /** Reads what the log has beyond {@link completeBelow}. Pulls may overlap. @throws UpstreamUnavailable */
  async pull(log: CertificateLog): Promise<void> {
    const turns = new Turns();
    let cursor = this.since;
    for (let complete = false; !complete;) {
      const page = await log.revocations({ since: cursor, issuer: this.issuer, limit: PAGE });
      for (const [count, record] of page.items.entries()) {
        if (count % RECORDS_PER_LOOK === 0 && turns.isOver) await turns.next();
        this.add(record);
      }
      cursor = page.next_since;
      complete = page.complete;
    }
    this.since = Math.max(this.since, cursor);
  }

  private add(record: RevokedRecord): void {
    this.newest = Math.max(this.newest, record.index);
    this.table.add({
      serialNumber: record.serial_number,
      revokedAt: new Date(Math.min(LATEST, Math.max(EARLIEST, Date.parse(record.revoked_at)))),
      reason: REVOCATION_REASON_CODES[record.reason],
      notAfter: new Date(record.not_after),
    });
  }
}
