import type { CertificateRecord, RevocationReason } from '@libs/contracts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson } from './fake-answer';

/** The log as readers know it, with what stands in it open to the test. */
export class FakeLog {
  isDown = false;
  readonly certificates: CertificateRecord[] = [];
  /** Log indexes of revocations, as the feed has them. */
  readonly revokedIndexes: number[] = [];
  /** Addresses at which the feed was asked for. */
  readonly feedRequests: string[] = [];
  /** DER in base64, by fingerprint: what is answered for one certificate alone. */
  private readonly ders = new Map<string, string>();

  reset(): void {
    this.isDown = false;
    this.certificates.length = 0;
    this.revokedIndexes.length = 0;
    this.feedRequests.length = 0;
  }

  append(record: CertificateRecord, der: Buffer): void {
    this.ders.set(record.fingerprint, der.toString('base64'));
    this.certificates.push(record);
  }

  /** Those that are not revoked, and were for the user or PSK that is asked about. */
  active(criteria: URLSearchParams): readonly CertificateRecord[] {
    const asked = (name: string, value: unknown) => (criteria.get(name) ?? value) === value;
    return this.certificates.filter(
      ({ revocation, context }) =>
        revocation === null && asked('user_id', context?.user_id) && asked('psk_id', context?.psk_id),
    );
  }

  markRevoked(fingerprint: string, reason: RevocationReason): void {
    const revoked_at = new Date().toISOString();
    this.certificates.forEach((certificate, position) => {
      if (certificate.fingerprint !== fingerprint || certificate.revocation !== null) return;
      this.certificates[position] = { ...certificate, revocation: { index: 1000, reason, revoked_at } };
    });
  }

  /** @returns whether the route is one of the log's */
  answer(route: string, url: URL, request: IncomingMessage, response: ServerResponse): boolean {
    switch (route) {
      case 'GET /api/v1/revocations/bulk':
        answerJson(response, 200, { count: this.active(url.searchParams).length, confirmation: '1.0.x' });
        return true;
      case 'GET /api/v1/statistics':
        answerJson(response, 200, { by_status: { valid: this.active(new URLSearchParams()).length } });
        return true;
      case 'GET /api/v1/proofs/inclusion':
        response.end('c2sp.org/tlog-proof@v1\nindex 0\n');
        return true;
      case 'GET /api/v1/revocations':
        this.revocationFeed(url, request.headers.accept, response);
        return true;
      case 'GET /api/v1/certificates':
        this.search(url.searchParams, response);
        return true;
      case 'GET /api/v1/certificates/:fingerprint':
        this.read(url.pathname.slice(-64), response);
        return true;
      default:
        return false;
    }
  }

  /** The signed form stands for itself: who relays it does not read it. */
  private revocationFeed(url: URL, accept: string | undefined, response: ServerResponse): void {
    this.feedRequests.push(`${accept ?? 'json'} ${url.search}`);
    const since = Number(url.searchParams.get('since'));
    const limit = Number(url.searchParams.get('limit') ?? 1_000);
    const indexes = this.revokedIndexes.filter((index) => index >= since);
    if (this.isDown) answerJson(response, 503, {});
    else if (accept === 'text/plain') response.end(`signed page from ${String(since)}: ${indexes.join()}\n`);
    else {
      const items = indexes.slice(0, limit).map((index) => ({ index, revoked_at: new Date().toISOString() }));
      const next_since = (items.at(-1)?.index ?? since - 1) + 1;
      answerJson(response, 200, { items, next_since, complete: items.length === indexes.length });
    }
  }

  private search(query: URLSearchParams, response: ServerResponse): void {
    if (this.isDown) {
      answerJson(response, 503, {});
      return;
    }
    if (query.get('cursor') === 'zz') {
      const title = 'The request is not valid';
      answerJson(response, 422, { code: 'invalid_request', title, detail: 'a foreign cursor' });
      return;
    }
    const asked = (name: string, value: unknown) => (query.get(name) ?? value) === value;
    const items = this.certificates.filter(
      ({ context, fingerprint, serial_number: serial, revocation }) =>
        asked('issuance_id', context?.issuance_id) &&
        asked('user_id', context?.user_id) &&
        asked('fingerprint', fingerprint) &&
        asked('serial', serial) &&
        (query.get('status') !== 'revoked' || revocation !== null),
    );
    answerJson(response, 200, { items, next_cursor: query.get('cursor') === null && items.length > 1 ? 'next' : null });
  }

  private read(fingerprint: string, response: ServerResponse): void {
    if (this.isDown) {
      answerJson(response, 503, {});
      return;
    }
    const record = this.certificates.find((certificate) => certificate.fingerprint === fingerprint);
    const answer = record && { ...record, certificate: this.ders.get(fingerprint) };
    answerJson(response, record === undefined ? 404 : 200, answer ?? { code: 'certificate_not_found' });
  }
}
