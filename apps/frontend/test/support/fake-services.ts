import type {
  CertificateRecord,
  IssueCertificateRequest,
  IssuedCertificate,
  RevokeCertificateRequest,
} from '@libs/contracts';
import {
  acceptCsr,
  buildCrl,
  buildTbs,
  type CertificateAuthority,
  createAuthority,
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
 */
export type SigningMode = 'answer' | 'refuse' | 'vanish' | 'issue_and_vanish' | 'issue_and_refuse';

/** Signing and the log behind one address, speaking the contract over HTTP, with what they did open to the test. */
export class FakeServices {
  mode: SigningMode = 'answer';
  logIsDown = false;
  /** Run when a request for a certificate has arrived and before it is carried out. */
  beforeIssuing: () => Promise<void> = () => Promise.resolve();
  readonly certificates: CertificateRecord[] = [];
  readonly revocations: RevokeCertificateRequest[] = [];
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
        this.revoke((await json(request)) as RevokeCertificateRequest, response);
        return;
      case 'GET /api/v1/crl':
        response.end(await this.crl(this.pki.intermediate));
        return;
      case 'GET /api/v1/crl.pem':
        response.end(toPem(crlPemLabel, await this.crl(this.pki.intermediate)) + toPem(crlPemLabel, this.pki.rootCrl));
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
    const issued = ['answer', 'issue_and_vanish', 'issue_and_refuse'].includes(this.mode)
      ? await this.certify(order)
      : undefined;
    if (this.mode === 'vanish' || this.mode === 'issue_and_vanish') response.destroy();
    else if (this.mode === 'refuse' || this.mode === 'issue_and_refuse') {
      response.setHeader('Retry-After', '7');
      send(response, 503, { code: 'certtransparency_unavailable' });
    } else send(response, 201, issued);
  }

  private async certify(order: IssueCertificateRequest): Promise<IssuedCertificate> {
    const { intermediate, root } = this.pki;
    const serialNumber = newSerialNumber();
    const validity = validityWithin(intermediate.issuer, new Date(), 90);
    const tbs = buildTbs(intermediate.issuer, {
      profile: profiles[order.kind],
      commonName: parseCommonName(order.common_name),
      dnsNames: (order.dns_names ?? []).map(parseDnsName),
      spki: acceptCsr(order.csr).spki,
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
      chain: [toPem('CERTIFICATE', intermediate.issuer.der), toPem('CERTIFICATE', root.issuer.der)],
      receipt: `c2sp.org/tlog-proof@v1\nindex ${String(index)}\n`,
      log_index: index,
    };
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
    send(response, 200, { fingerprint, reason, revoked_at, log_index: 1000, newly_revoked, crl: 'published' });
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
      ({ context, fingerprint, serial_number: serial }) =>
        asked('issuance_id', context?.issuance_id) && asked('fingerprint', fingerprint) && asked('serial', serial),
    );
    send(response, 200, { items, next_cursor: query.get('cursor') === null && items.length > 1 ? 'next' : null });
  }

  private read(fingerprint: string, response: ServerResponse): void {
    const record = this.certificates.find((certificate) => certificate.fingerprint === fingerprint);
    send(response, record === undefined ? 404 : 200, record ?? { code: 'certificate_not_found' });
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

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
