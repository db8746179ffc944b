import type { JsonClient, CallOptions } from '../json-client';
import type { Page } from '../wire';
import type { AllocatedCrlNumber, AppendedEntry, LogEntry } from './entries.dto';
import type { RevocationFeed, RevocationFeedRequest } from './revocations.dto';
import type { CertificateRecord, CertificateSearch } from './search.dto';
import type { LogStatistics, StatisticsRequest } from './statistics.dto';

/** What everyone may ask of the log with a reader key. */
export abstract class LogReader {
  abstract search(query: CertificateSearch, options?: CallOptions): Promise<Page<CertificateRecord>>;
  /** Null when the log has never seen the fingerprint. */
  abstract certificate(fingerprint: string, options?: CallOptions): Promise<CertificateRecord | null>;
  abstract revocations(query: RevocationFeedRequest, options?: CallOptions): Promise<RevocationFeed>;
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

export class HttpCertificateLog extends HttpLogReader implements CertificateLog {
  async append(entry: LogEntry, options?: CallOptions): Promise<AppendedEntry> {
    return this.http.post<AppendedEntry>('/api/v1/entries', entry, options);
  }

  async allocateCrlNumber(issuer: string, options?: CallOptions): Promise<AllocatedCrlNumber> {
    return this.http.post<AllocatedCrlNumber>('/api/v1/crl-numbers', { issuer }, options);
  }
}
