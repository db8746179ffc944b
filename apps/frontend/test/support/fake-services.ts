import type {
  CertificateRecord,
  IssueCertificateRequest,
  IssuedCertificate,
  RevokeCertificateRequest,
  RevokeCertificatesRequest,
} from '@libs/contracts';
import {
  acceptCsr,
  buildCrl,
  buildTbs,
  type CertificateAuthority,
  createAuthority,
  createKeyPairAndCsr,
  crlPemLabel,
  fingerprintOf,
  newSerialNumber,
  parseCommonName,
  parseDnsName,
  profiles,
  type PublicKeyInfrastructure,
  signTbs,
  signWithKey,
  toPem,
  validityWithin,
} from '@libs/pki';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/**
 * - `answer`: as it should be
 * - `refuse`: 503 and no certificate
 * - `vanish`: the connection breaks and there is no certificate
 * - `issue_and_vanish`: the certificate is in the log, and the connection breaks before the answer
 * - `issue_and_refuse`: the certificate is in the log, and the answer is 503
 * - `answer_for_another_key`: the certificate is not for the key of the request
 */
export type SigningMode =
  'answer' | 'refuse' | 'vanish' | 'issue_and_vanish' | 'issue_and_refuse' | 'answer_for_another_key';

const MODES_THAT_ISSUE: readonly SigningMode[] = [
  'answer',
  'issue_and_vanish',
  'issue_and_refuse',
  'answer_for_another_key',
];

type RevocationOrder = RevokeCertificateRequest | RevokeCertificatesRequest;

/** Signing and the log behind one address, speaking the contract over HTTP, with what they did open to the test. */
export class FakeServices {
  mode: SigningMode = 'answer';
  logIsDown = false;
  /** Run when a request for a certificate has arrived and before it is carried out. */
  beforeIssuing: () => Promise<void> = () => Promise.resolve();
  readonly certificates: CertificateRecord[] = [];
  readonly revocations: RevokeCertificateRequest[] = [];
  /** Log indexes of revocations, as the log's feed has them. */
  readonly revokedIndexes: number[] = [];
  /** Addresses at which the feed was asked for. */
  readonly feedRequests: string[] = [];
  /** DER in base64, by fingerprint: what the log answers for one certificate alone. */
  private readonly ders = new Map<string, string>();
  private readonly crls = new Map<number, Promise<Buffer>>();
  private readonly server = createServer((request, response) => {
    this.answer(request, response).catch((error: unknown) => {
      send(response, 500, { code: String(error) });
    });
  });

  private constructor(private readonly pki: PublicKeyInfrastructure) {}

  static async start(): Promise<FakeServices> {
    const names = { rootCommonName: 'Test root', intermediateCommonName: 'Test intermediate' };
    const pki = await createAuthority({ ...names, algorithm: 'P-256', now: new Date(), rootCrlValidityDays: 30 });
    const services = new FakeServices(pki);
    services.server.listen(0, '127.0.0.1');
    await once(services.server, 'listening');
    return services;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  reset(): void {
    this.mode = 'answer';
    this.logIsDown = false;
    this.beforeIssuing = () => Promise.resolve();
    this.certificates.length = 0;
    this.revocations.length = 0;
    this.revokedIndexes.length = 0;
    this.feedRequests.length = 0;
  }

  /** From then on neither service can be reached. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const route = `${request.method ?? ''} ${url.pathname.replace(/\/[0-9a-f]{64}$/, '/:fingerprint')}`;
    switch (route) {
      case 'POST /api/v1/certificates':
        await this.issue(request, response);
        return;
      case 'POST /api/v1/revocations':
        this.revokeOneOrMany((await json(request)) as RevocationOrder, response);
        return;
      case 'GET /api/v1/revocations/bulk':
        send(response, 200, { count: this.active(url.searchParams).length, confirmation: '1.0.x' });
        return;
      case 'GET /api/v1/statistics':
        send(response, 200, { by_status: { valid: this.active(new URLSearchParams()).length } });
        return;
      case 'GET /api/v1/crl':
        response.end(await this.crl(this.pki.intermediate));
        return;
      case 'GET /api/v1/crl.pem':
        response.end(toPem(crlPemLabel, await this.crl(this.pki.intermediate)) + toPem(crlPemLabel, this.pki.rootCrl));
        return;
      case 'GET /api/v1/chain':
        send(response, 200, { intermediate: this.chain[0], root: this.chain[1] });
        return;
      case 'GET /api/v1/proofs/inclusion':
        response.end('c2sp.org/tlog-proof@v1\nindex 0\n');
        return;
      case 'GET /api/v1/revocations':
        this.revocationFeed(url, request.headers.accept, response);
        return;
      case 'GET /api/v1/certificates':
        this.search(url.searchParams, response);
        return;
      case 'GET /api/v1/certificates/:fingerprint':
        this.read(url.pathname.slice(-64), response);
        return;
      default:
        send(response, 404, { code: 'not_found' });
    }
  }

  private async issue(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const order = (await json(request)) as IssueCertificateRequest;
    await this.beforeIssuing();
    const issued = MODES_THAT_ISSUE.includes(this.mode) ? await this.certify(order) : undefined;
    if (this.mode === 'vanish' || this.mode === 'issue_and_vanish') response.destroy();
    else if (this.mode === 'refuse' || this.mode === 'issue_and_refuse') {
      response.setHeader('Retry-After', '7');
      send(response, 503, { code: 'certtransparency_unavailable' });
    } else send(response, 201, issued);
  }

  private async certify(order: IssueCertificateRequest): Promise<IssuedCertificate> {
    const { intermediate } = this.pki;
    const serialNumber = newSerialNumber();
    const validity = validityWithin(intermediate.issuer, new Date(), 90);
    const tbs = buildTbs(intermediate.issuer, {
      profile: profiles[order.kind],
      commonName: parseCommonName(order.common_name),
      dnsNames: (order.dns_names ?? []).map(parseDnsName),
      spki: acceptCsr(this.mode === 'answer_for_another_key' ? await foreignCsr() : order.csr).spki,
      serialNumber,
      validity,
    });
    const der = await signTbs(tbs, intermediate.issuer.signatureAlgorithm, (data) =>
      signWithKey(intermediate.privateKey, data),
    );
    const common = {
      serial_number: serialNumber,
      fingerprint: fingerprintOf(der),
      not_before: validity.notBefore.toISOString(),
      not_after: validity.notAfter.toISOString(),
    };
    const index = this.certificates.length;
    this.ders.set(common.fingerprint, der.toString('base64'));
    this.certificates.push({
      ...common,
      index,
      kind: order.kind,
      common_name: order.common_name,
      issuer: intermediate.issuer.spkiSha256.toString('hex'),
      logged_at: new Date().toISOString(),
      revocation: null,
      context: order.context ?? null,
    });
    return {
      ...common,
      certificate: toPem('CERTIFICATE', der),
      chain: this.chain,
      receipt: `c2sp.org/tlog-proof@v1\nindex ${String(index)}\n`,
      log_index: index,
    };
  }

  private get chain(): readonly [string, string] {
    const { intermediate, root } = this.pki;
    return [toPem('CERTIFICATE', intermediate.issuer.der), toPem('CERTIFICATE', root.issuer.der)];
  }

  private revokeOneOrMany(order: RevocationOrder, response: ServerResponse): void {
    if ('fingerprint' in order) {
      this.revoke(order, response);
      return;
    }
    const { user, psk, reason } = order;
    const criteria = new URLSearchParams({ ...(user && { user_id: user }), ...(psk && { psk_id: psk }) });
    const active = this.active(criteria);
    for (const { fingerprint } of active) this.markRevoked(fingerprint, reason);
    const { length: count } = active;
    send(response, 200, { reason, count, newly_revoked: count, first_index: null, last_index: null, crl: 'published' });
  }

  private active(criteria: URLSearchParams): readonly CertificateRecord[] {
    const asked = (name: string, value: unknown) => (criteria.get(name) ?? value) === value;
    return this.certificates.filter(
      ({ revocation, context }) =>
        revocation === null && asked('user_id', context?.user_id) && asked('psk_id', context?.psk_id),
    );
  }

  private markRevoked(fingerprint: string, reason: RevokeCertificateRequest['reason']): void {
    const revoked_at = new Date().toISOString();
    this.certificates.forEach((certificate, position) => {
      if (certificate.fingerprint !== fingerprint || certificate.revocation !== null) return;
      this.certificates[position] = { ...certificate, revocation: { index: 1000, reason, revoked_at } };
    });
  }

  private revoke(order: RevokeCertificateRequest, response: ServerResponse): void {
    if (!this.certificates.some(({ fingerprint }) => fingerprint === order.fingerprint)) {
      send(response, 404, { code: 'certificate_not_found' });
      return;
    }
    const newly_revoked = !this.revocations.some(({ fingerprint }) => fingerprint === order.fingerprint);
    this.revocations.push(order);
    const { fingerprint, reason } = order;
    const revoked_at = new Date().toISOString();
    this.markRevoked(fingerprint, reason);
    send(response, 200, { fingerprint, reason, revoked_at, log_index: 1000, newly_revoked, crl: 'published' });
  }

  /** The signed form stands for itself: who relays it does not read it. */
  private revocationFeed(url: URL, accept: string | undefined, response: ServerResponse): void {
    this.feedRequests.push(`${accept ?? 'json'} ${url.search}`);
    const since = Number(url.searchParams.get('since'));
    const limit = Number(url.searchParams.get('limit') ?? 1_000);
    const indexes = this.revokedIndexes.filter((index) => index >= since);
    if (this.logIsDown) send(response, 503, {});
    else if (accept === 'text/plain') response.end(`signed page from ${String(since)}: ${indexes.join()}\n`);
    else {
      const items = indexes.slice(0, limit).map((index) => ({ index, revoked_at: new Date().toISOString() }));
      const next_since = (items.at(-1)?.index ?? since - 1) + 1;
      send(response, 200, { items, next_since, complete: items.length === indexes.length });
    }
  }

  private search(query: URLSearchParams, response: ServerResponse): void {
    if (this.logIsDown) {
      send(response, 503, {});
      return;
    }
    if (query.get('cursor') === 'zz') {
      send(response, 422, { code: 'invalid_request', title: 'The request is not valid', detail: 'a foreign cursor' });
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
    send(response, 200, { items, next_cursor: query.get('cursor') === null && items.length > 1 ? 'next' : null });
  }

  private read(fingerprint: string, response: ServerResponse): void {
    if (this.logIsDown) {
      send(response, 503, {});
      return;
    }
    const record = this.certificates.find((certificate) => certificate.fingerprint === fingerprint);
    const answer = record && { ...record, certificate: this.ders.get(fingerprint) };
    send(response, record === undefined ? 404 : 200, answer ?? { code: 'certificate_not_found' });
  }

  /** One CRL for each state of the revocations: a signature is another every time. */
  private async crl(authority: CertificateAuthority): Promise<Buffer> {
    const known = this.crls.get(this.revocations.length) ?? this.buildCrl(authority);
    this.crls.set(this.revocations.length, known);
    return known;
  }

  private async buildCrl({ issuer, privateKey }: CertificateAuthority): Promise<Buffer> {
    const now = Math.floor(Date.now() / 1000) * 1000;
    const revoked = this.revocations.map(({ fingerprint }) => ({
      serialNumber:
        this.certificates.find((certificate) => certificate.fingerprint === fingerprint)?.serial_number ?? '',
      revokedAt: new Date(now),
      reason: 4,
    }));
    const content = {
      number: BigInt(this.revocations.length + 1),
      thisUpdate: new Date(now - 300_000 + this.revocations.length * 1000),
      nextUpdate: new Date(now + 86_400_000),
      revoked,
    };
    return buildCrl(issuer, content, (data) => signWithKey(privateKey, data));
  }
}

async function foreignCsr(): Promise<string> {
  return (await createKeyPairAndCsr({ commonName: 'foreign', algorithm: 'P-256' })).csrPem;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
