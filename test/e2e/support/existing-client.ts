import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface PlainAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type Headers = Readonly<Record<string, string>>;

/** One request of a program that knows HTTP and nothing else of this product: no cookies, no redirects. */
export async function plainRequest(method: string, url: string, headers: Headers = {}): Promise<PlainAnswer> {
  const outgoing = request(url, { method, headers, agent: false });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) };
}

export const get = (url: string, headers?: Headers) => plainRequest('GET', url, headers);
export const head = (url: string, headers?: Headers) => plainRequest('HEAD', url, headers);

/** Where a program waits for the browser to bring its token. */
export interface WaitingProgram {
  readonly port: number;
  /** What came in the query, once it has come. */
  readonly parameters: Promise<URLSearchParams>;
  readonly close: () => Promise<void>;
}

export async function waitForBrowser(): Promise<WaitingProgram> {
  const server = createServer();
  const parameters = once(server, 'request').then((event) => {
    const [{ url = '/' }, response] = event as [IncomingMessage, ServerResponse];
    response.end('You may close this window.');
    return new URL(url, 'http://localhost').searchParams;
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    parameters,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
