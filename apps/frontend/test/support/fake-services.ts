import type { CertificateRecord, RevokeCertificateRequest } from '@libs/contracts';
import { createAuthority, type PublicKeyInfrastructure } from '@libs/pki';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerJson } from './fake-answer';
import { FakeLog } from './fake-log';
import { FakeSigning, type SigningMode } from './fake-signing';

/** Signing and the log behind one address, speaking the contract over HTTP, with what they did open to the test. */
export class FakeServices {
  private readonly log = new FakeLog();
  private readonly signing: FakeSigning;
  private readonly server = createServer((request, response) => {
    this.answer(request, response).catch((error: unknown) => {
      answerJson(response, 500, { code: String(error) });
    });
  });

  private constructor(pki: PublicKeyInfrastructure) {
    this.signing = new FakeSigning(pki, this.log);
  }

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

  set mode(mode: SigningMode) {
    this.signing.mode = mode;
  }

  /** Run when a request for a certificate has arrived and before it is carried out. */
  set beforeIssuing(work: () => Promise<void>) {
    this.signing.beforeIssuing = work;
  }

  set logIsDown(isDown: boolean) {
    this.log.isDown = isDown;
  }

  get certificates(): CertificateRecord[] {
    return this.log.certificates;
  }

  get revocations(): RevokeCertificateRequest[] {
    return this.signing.revocations;
  }

  /** Log indexes of revocations, as the log's feed has them. */
  get revokedIndexes(): number[] {
    return this.log.revokedIndexes;
  }

  /** Addresses at which the feed was asked for. */
  get feedRequests(): readonly string[] {
    return this.log.feedRequests;
  }

  reset(): void {
    this.signing.reset();
    this.log.reset();
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
    if (this.log.answer(route, url, request, response)) return;
    if (await this.signing.answer(route, request, response)) return;
    answerJson(response, 404, { code: 'not_found' });
  }
}
