import { setTimeout as sleep } from 'node:timers/promises';
import type { CertificateKind, CertificateRecord, CertificateSearch, PrivateContext } from '@libs/contracts';
import { issuedEntry, type TestIssuer } from './certificate-fixture';
import type { LogService } from './service-fixture';

/** What a certificate is made of; whatever is left out is of the service's own issuer, a user's, and valid for 90 days. */
export interface Sample {
  readonly name: string;
  readonly kind?: CertificateKind;
  readonly issuer?: TestIssuer;
  readonly context?: PrivateContext;
  readonly expiresInDays?: number;
}

/** The same log as a list in memory: what a search ought to find, worked out by looking at every certificate. */
export class SearchModel {
  readonly records: CertificateRecord[] = [];
  /** When the log held each revocation, by its index. */
  private readonly revocationTimes = new Map<number, number>();

  constructor(private readonly service: LogService) {}

  async issue(sample: Sample): Promise<CertificateRecord> {
    const { name, kind = 'user', issuer = this.service.issuer, context, expiresInDays = 90 } = sample;
    const notAfter = new Date(Date.now() + expiresInDays * 86_400_000);
    const certificate = await issuer.certificate(name, kind, notAfter);
    await this.service.append(issuedEntry(certificate, context, kind)).expect(201);
    return this.read(certificate.fingerprint);
  }

  async revoke({ fingerprint }: CertificateRecord): Promise<void> {
    const claimed = { reason: 'superseded', revoked_at: '2024-01-01T00:00:00Z' };
    await this.service.append({ type: 'revoked', fingerprint, ...claimed }).expect(201);
    const { revocation } = await this.read(fingerprint);
    if (revocation) this.revocationTimes.set(revocation.index, Date.now());
  }

  /** A moment that lies between what was done before and what is done after. */
  async moment(): Promise<Date> {
    await sleep(5);
    const now = new Date();
    await sleep(5);
    return now;
  }

  /** In the order in which the log promises them. */
  find(query: CertificateSearch, now = new Date()): CertificateRecord[] {
    const moment = query.at === undefined ? now : new Date(query.at);
    const found = this.records.filter((record) => this.matches(record, query, moment));
    const keysOf = keysFor(query);
    return found.sort((a, b) => compareDown(keysOf(a), keysOf(b)));
  }

  private async read(fingerprint: string): Promise<CertificateRecord> {
    const { body } = await this.service.get(`/api/v1/certificates/${fingerprint}`).expect(200);
    const record = body as CertificateRecord;
    const known = this.records.findIndex((other) => other.fingerprint === fingerprint);
    this.records.splice(known < 0 ? this.records.length : known, 1, record);
    return record;
  }

  private matches(record: CertificateRecord, query: CertificateSearch, moment: Date): boolean {
    const within = (time: string, from: string | undefined, to: string | undefined) =>
      (from === undefined || Date.parse(time) >= Date.parse(from)) &&
      (to === undefined || Date.parse(time) < Date.parse(to));
    const same = (wanted: string | undefined, value: string | undefined) => wanted === undefined || wanted === value;
    return (
      same(query.fingerprint, record.fingerprint) &&
      same(query.issuer, record.issuer) &&
      same(query.kind, record.kind) &&
      same(query.user_id, record.context?.user_id) &&
      same(query.psk_id, record.context?.psk_id) &&
      record.common_name.toLowerCase().includes((query.common_name ?? '').toLowerCase()) &&
      within(record.logged_at, query.issued_from, query.issued_to) &&
      within(record.not_after, query.expires_from, query.expires_to) &&
      (query.status === undefined || this.statusOf(record, moment) === query.status)
    );
  }

  private statusOf(record: CertificateRecord, moment: Date): CertificateSearch['status'] {
    if (Date.parse(record.logged_at) > moment.getTime()) return undefined;
    const revoked = record.revocation && (this.revocationTimes.get(record.revocation.index) ?? 0) <= moment.getTime();
    if (revoked) return 'revoked';
    return Date.parse(record.not_after) <= moment.getTime() ? 'expired' : 'valid';
  }
}

function keysFor(query: CertificateSearch): (record: CertificateRecord) => readonly number[] {
  const isAboutExpiry =
    query.expires_from !== undefined ||
    query.expires_to !== undefined ||
    query.status === 'expired' ||
    (query.status === 'valid' && query.issuer !== undefined);
  if (isAboutExpiry) return (record) => [Date.parse(record.not_after), record.index];
  if (query.status === 'revoked') return (record) => [record.revocation?.index ?? -1];
  return (record) => [record.index];
}

function compareDown(a: readonly number[], b: readonly number[]): number {
  const position = a.findIndex((key, i) => key !== b[i]);
  return position < 0 ? 0 : (b[position] ?? 0) - (a[position] ?? 0);
}
