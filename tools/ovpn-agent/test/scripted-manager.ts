import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type PageRevocation, type RevocationPage, signRevocationPage } from '@libs/contracts';
import { openCheckpoint } from '@libs/tlog';
import { TestLog } from '../../ct-verify/test/test-log';

const DAY_MS = 86_400_000;

export interface Asked {
  readonly since: number;
  readonly extends: number;
}

/** A frontend with the log behind it, which does what a test tells it, the false included. */
export class ScriptedManager {
  log = new TestLog();
  readonly revocations: PageRevocation[] = [];
  /** Status of every answer when it is not 200. */
  status = 200;
  /** Takes the place of the signed page. */
  forge: ((asked: Asked) => string) | undefined;
  /** Changes a page before it is signed. */
  change: (page: RevocationPage) => Partial<RevocationPage> = () => ({});
  bundle = '';
  pageLimit = 1_000;
  readonly asked: Asked[] = [];
  readonly reports: Record<string, unknown>[] = [];
  private readonly server = createServer((request, response) => {
    this.answer(request, response).catch(() => response.destroy());
  });

  static async start(): Promise<ScriptedManager> {
    const manager = new ScriptedManager();
    manager.server.listen(0, '127.0.0.1');
    await once(manager.server, 'listening');
    return manager;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get lastReport(): Record<string, unknown> | undefined {
    return this.reports.at(-1);
  }

  /** Logs a revocation, and answers its index. */
  revoke(serialNumber: string, issuer = 'ab'.repeat(32), notAfter = new Date(Date.now() + DAY_MS)): number {
    const index = this.log.append(Buffer.from(`revocation of ${serialNumber}`));
    this.revocations.push({ index, serialNumber, issuer, reason: 4, revokedAt: new Date(), notAfter });
    return index;
  }

  page({ since, extends: known }: Asked): string {
    const { size, signer } = this.log;
    const { root } = openCheckpoint(this.log.checkpoint(), [signer.verifier]);
    const all = this.revocations.filter(({ index }) => index >= since && index < size);
    const revocations = all.slice(0, this.pageLimit);
    const complete = all.length === revocations.length;
    const page = {
      origin: signer.name,
      issuedAt: new Date(),
      ...{ since, complete, size, root, revocations },
      next: complete ? Math.max(since, size) : (revocations.at(-1)?.index ?? 0) + 1,
      extends: known,
      proof: known > 0 && known < size ? this.log.consistency(known, size) : [],
    };
    return signRevocationPage({ ...page, ...this.change(page) }, [signer]);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (request.headers.authorization !== 'Bearer ovpsk_of_the_tests') response.writeHead(401);
    else if (this.status !== 200) response.writeHead(this.status);
    else if (url.pathname === '/api/v1/revocations') response.write(this.feed(url.searchParams));
    else if (url.pathname === '/crl.pem') response.write(this.bundle);
    else if (url.pathname === '/api/v1/servers/report') {
      this.reports.push((await json(request)) as Record<string, unknown>);
      response.writeHead(204);
    } else response.writeHead(404);
    response.end();
  }

  private feed(query: URLSearchParams): string {
    const asked = { since: Number(query.get('since')), extends: Number(query.get('extends') ?? 0) };
    this.asked.push(asked);
    return this.forge?.(asked) ?? this.page(asked);
  }
}
