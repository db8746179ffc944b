import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Signed in</title>
<p>You are signed in. Close this window and go on in the terminal.</p></html>
`;

/**
 * Waits on this machine alone for the browser that comes back from the login (RFC 8252 §7.3). Whoever does not know the state has not
 * been sent by our login and is turned away.
 */
export class LoopbackListener {
  private readonly servers: Server[] = [];
  private readonly received: Promise<string>;
  private receive: (token: string) => void = () => undefined;

  private constructor(private readonly state: string) {
    this.received = new Promise((resolve) => {
      this.receive = resolve;
    });
  }

  static async open(state: string): Promise<LoopbackListener> {
    const listener = new LoopbackListener(state);
    const port = await listener.listen('127.0.0.1', 0);
    // Browsers may take `localhost` for either; a machine without IPv6 has the one only.
    await listener.listen('::1', port).catch(() => undefined);
    return listener;
  }

  get port(): number {
    const [first] = this.servers;
    return (first?.address() as AddressInfo).port;
  }

  /** The token that the browser brings. Rejects when the signal aborts. */
  async token(signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const aborted = once(signal, 'abort').then(() => {
      throw signal.reason;
    });
    return Promise.race([this.received, aborted]);
  }

  close(): void {
    for (const server of this.servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  private async listen(host: string, port: number): Promise<number> {
    const server = createServer((request, response) => this.answer(request, response));
    server.listen(port, host);
    await once(server, 'listening');
    this.servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', `http://localhost:${this.port}`);
    const isOurs = request.method === 'GET' && pathname === '/' && request.headers.host === `localhost:${this.port}`;
    const token = searchParams.get('token');
    response.setHeader('Connection', 'close');
    if (!isOurs || token === null || !sameText(searchParams.get('state') ?? '', this.state)) {
      response.writeHead(isOurs ? 400 : 404).end();
      return;
    }
    response.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'",
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
    });
    response.end(PAGE, () => this.receive(token));
  }
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
