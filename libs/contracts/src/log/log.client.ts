import type { JsonClient, CallOptions } from '../json-client';
import type { Page } from '../wire';
import type {
  AllocatedCrlNumber,
  AppendedEntry,
  EntryBatch,
  EntryBatchOutcomes,
  EntryOutcome,
  LogEntry,
} from './entries.dto';
import type {
  BulkRevocationCriteria,
  BulkRevocationEntry,
  BulkRevocationOutcome,
  BulkRevocationPreview,
} from './bulk-revocations.dto';
import { EntryBatches } from './entry-batches';
import type { RevocationFeed, RevocationFeedRequest, RevocationPageRequest } from './revocations.dto';
import type { CertificateRecord, CertificateSearch } from './search.dto';
import type { LogStatistics, StatisticsRequest } from './statistics.dto';

/** What everyone may ask of the log with a reader key. */
export abstract class LogReader {
  abstract search(query: CertificateSearch, options?: CallOptions): Promise<Page<CertificateRecord>>;
  /** Null when the log has never seen the fingerprint. */
  abstract certificate(fingerprint: string, options?: CallOptions): Promise<CertificateRecord | null>;
  abstract revocations(query: RevocationFeedRequest, options?: CallOptions): Promise<RevocationFeed>;
  /** The signed form, for servers that trust nobody in between: read it with `openRevocationPage`. */
  abstract revocationPage(query: RevocationPageRequest, options?: CallOptions): Promise<string>;
  /** What a bulk revocation would do at this moment. */
  abstract previewBulkRevocation(
    criteria: BulkRevocationCriteria,
    options?: CallOptions,
  ): Promise<BulkRevocationPreview>;
  /** The receipt of the certificate's issued entry at the log's current size. */
  abstract receipt(fingerprint: string, options?: CallOptions): Promise<string>;
  abstract statistics(query?: StatisticsRequest, options?: CallOptions): Promise<LogStatistics>;
  /** The latest checkpoint, a signed note. */
  abstract checkpoint(options?: CallOptions): Promise<string>;
}

/** What signing alone may do besides. */
export abstract class CertificateLog extends LogReader {
  /**
   * Appends durably and answers the receipt.
   * @throws UpstreamRefused 409 `issuance_known` when another certificate carries the same issuance id, 404 `certificate_not_found` for a revocation of an unknown one
   * @throws UpstreamUnavailable when the log does not answer; the entry may stand in the log all the same
   */
  abstract append(entry: LogEntry, options?: CallOptions): Promise<AppendedEntry>;
  /**
   * Revokes many certificates in one piece: all of them or none.
   * @throws UpstreamRefused 409 `revocation_set_changed` when they are others than those confirmed, 422 `bulk_too_large`
   * @throws UpstreamUnavailable when the log does not answer; they may be revoked all the same
   */
  abstract revokeMany(entry: BulkRevocationEntry, options?: CallOptions): Promise<BulkRevocationOutcome>;
  abstract allocateCrlNumber(issuer: string, options?: CallOptions): Promise<AllocatedCrlNumber>;
}

export class HttpLogReader extends LogReader {
  constructor(protected readonly http: JsonClient) {
    super();
  }

  async search(query: CertificateSearch, options?: CallOptions): Promise<Page<CertificateRecord>> {
    return this.http.get<Page<CertificateRecord>>('/api/v1/certificates', { ...query }, options);
  }

  async certificate(fingerprint: string, options?: CallOptions): Promise<CertificateRecord | null> {
    return this.http.getOrNull<CertificateRecord>(
      `/api/v1/certificates/${encodeURIComponent(fingerprint)}`,
      {},
      options,
    );
  }

  async revocations(query: RevocationFeedRequest, options?: CallOptions): Promise<RevocationFeed> {
    return this.http.get<RevocationFeed>('/api/v1/revocations', { ...query }, options);
  }

  async revocationPage(query: RevocationPageRequest, options?: CallOptions): Promise<string> {
    return this.http.text('/api/v1/revocations', { ...query }, { ...options, headers: { accept: 'text/plain' } });
  }

  async previewBulkRevocation(criteria: BulkRevocationCriteria, options?: CallOptions): Promise<BulkRevocationPreview> {
    return this.http.get<BulkRevocationPreview>('/api/v1/revocations/bulk', { ...criteria }, options);
  }

  async receipt(fingerprint: string, options?: CallOptions): Promise<string> {
    return this.http.text('/api/v1/proofs/inclusion', { fingerprint }, options);
  }

  async statistics(query: StatisticsRequest = {}, options?: CallOptions): Promise<LogStatistics> {
    return this.http.get<LogStatistics>('/api/v1/statistics', { ...query }, options);
  }

  async checkpoint(options?: CallOptions): Promise<string> {
    return this.http.text('/checkpoint', {}, options);
  }
}

/** Of the largest bulk on a busy machine. */
const BULK_TIMEOUT_MS = 60_000;

export class HttpCertificateLog extends HttpLogReader implements CertificateLog {
  private readonly batches = new EntryBatches(async (entries) => this.appendAll(entries), this.http.service);

  /** What is appended at once travels together; with `options`, which are for one call alone, an entry travels by itself. */
  async append(entry: LogEntry, options?: CallOptions): Promise<AppendedEntry> {
    if (options === undefined) return this.batches.append(entry);
    return this.http.post<AppendedEntry>('/api/v1/entries', entry, options);
  }

  private async appendAll(entries: readonly LogEntry[]): Promise<readonly EntryOutcome[]> {
    const batch: EntryBatch = { entries };
    return (await this.http.post<EntryBatchOutcomes>('/api/v1/entries/batch', batch)).outcomes;
  }

  async revokeMany(entry: BulkRevocationEntry, options?: CallOptions): Promise<BulkRevocationOutcome> {
    return this.http.post<BulkRevocationOutcome>('/api/v1/revocations/bulk', entry, {
      timeoutMs: BULK_TIMEOUT_MS,
      ...options,
    });
  }

  async allocateCrlNumber(issuer: string, options?: CallOptions): Promise<AllocatedCrlNumber> {
    return this.http.post<AllocatedCrlNumber>('/api/v1/crl-numbers', { issuer }, options);
  }
}
