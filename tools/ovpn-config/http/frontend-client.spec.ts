import {
  buildTbs,
  createAuthority,
  generateKeyPair,
  newSerialNumber,
  parseCommonName,
  parseDnsName,
  profiles,
  signTbs,
  signWithKey,
  spkiOf,
  toPem,
  validityWithin,
} from '@libs/pki';
import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { Variables } from '@libs/config';
import { Desk } from '../test/desk';
import { FrontendClient } from './frontend-client';

const servers: Server[] = [];
let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
  await desk.remove();
});

async function serve(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Answers one after the other; the last one again and again. */
async function answering(
  ...answers: readonly [status: number, body?: object, headers?: Record<string, string>][]
): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const port = await serve(
    createServer((request, response) => {
      const [status = 500, body = {}, headers = {}] = answers[Math.min(requests.length, answers.length - 1)] ?? [];
      requests.push(request);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    }),
  );
  return { url: `http://127.0.0.1:${port}`, requests };
}

async function get(url: string, options: { ca?: string; environment?: Variables } = {}, call = {}) {
  const surroundings = { ...desk.surroundings(), ...(options.environment && { environment: options.environment }) };
  const client = new FrontendClient({ url, ca: options.ca, timeoutMs: 5000 }, surroundings);
  try {
    return await client.json({ method: 'GET', path: '/x', ...call });
  } finally {
    await client.close();
  }
}

describe('a request', () => {
  it.each([
    [401, 3],
    [403, 4],
    [404, 4],
    [409, 4],
    [410, 4],
    [422, 4],
    [302, 5],
    [500, 5],
  ])('that is answered %i ends the program with %i', async (status, exit) => {
    const { url } = await answering([status, { title: 'No', detail: 'Not you', errors: [{ message: 'x must be y' }] }]);
    await expect(get(url)).rejects.toMatchObject({
      status: exit,
      message: expect.stringMatching(/^No\. Not you\. x must be y\./),
    });
  });

  it('is sent again after the pause that the frontend asks for, where that changes nothing', async () => {
    const { url, requests } = await answering([503, {}, { 'retry-after': '7' }], [502], [200, { done: true }]);
    expect(await get(url)).toEqual({ done: true });
    expect(requests).toHaveLength(3);
    expect(desk.pauses).toEqual([7000, 2000]);
  });

  it('is sent again as a POST with a key for it alone, the same key each time', async () => {
    const { url, requests } = await answering([503], [200, {}]);
    const post = { method: 'POST', body: { csr: 'x' }, credential: 'secret' };
    await expect(get(url, {}, post)).rejects.toMatchObject({ status: 5 });
    expect(requests).toHaveLength(1);
    await get(url, {}, { ...post, idempotencyKey: 'once' });
    const again = await answering([503], [200, {}]);
    await get(again.url, {}, { ...post, idempotencyKey: 'once' });
    expect(again.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['once', 'once']);
    expect(again.requests[0]?.headers.authorization).toBe('Bearer secret');
  });

  it('is asked for again while its first copy is still being carried out, and not when its key was used for another', async () => {
    const post = { method: 'POST', body: {}, idempotencyKey: 'once' };
    const busy = await answering([409, { code: 'idempotency_key_in_use' }, { 'retry-after': '1' }], [200, {}]);
    expect(await get(busy.url, {}, post)).toEqual({});
    const used = await answering([409, { code: 'idempotency_key_used' }]);
    await expect(get(used.url, {}, post)).rejects.toMatchObject({ status: 4 });
    expect(used.requests).toHaveLength(1);
  });

  it('is not sent again for ever, nor after a long time', async () => {
    const { url, requests } = await answering([503]);
    await expect(get(url)).rejects.toMatchObject({ status: 5 });
    expect(requests).toHaveLength(3);
    const later = await answering([429, { title: 'Too many' }, { 'retry-after': '900' }]);
    await expect(get(later.url)).rejects.toThrow('Too many. Try again in 900 seconds.');
    expect(later.requests).toHaveLength(1);
  });

  it('does not follow a redirect with its credential', async () => {
    const target = await answering([200]);
    const { url } = await answering([302, {}, { location: target.url }]);
    await expect(get(url, {}, { credential: 'secret' })).rejects.toMatchObject({ status: 5 });
    expect(target.requests).toHaveLength(0);
  });

  it('that nobody takes, or that is answered with something else than JSON, says so', async () => {
    await expect(get('http://127.0.0.1:9')).rejects.toMatchObject({
      status: 5,
      message: expect.stringMatching(/cannot be reached/),
    });
    const port = await serve(createServer((_, response) => response.end('<html>')));
    await expect(get(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      status: 5,
      message: expect.stringMatching(/no JSON/),
    });
  });
});

describe('a request over TLS', () => {
  it('trusts the CA that is named, and says how to name one', async () => {
    const { port, ca } = await serveTls((_, response) => response.end('{"tls":true}'));
    await expect(get(`https://localhost:${port}`)).rejects.toMatchObject({
      status: 5,
      message: expect.stringMatching(/--ca-file/),
    });
    expect(await get(`https://localhost:${port}`, { ca })).toEqual({ tls: true });
  });

  it('goes through the proxy of the environment, but for hosts that need none', async () => {
    const { port, ca } = await serveTls((_, response) => response.end('{}'));
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      tunnels.push(request.url ?? '');
      const upstream = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [upstream, socket]) end.on('error', () => undefined);
    });
    const environment = { HTTPS_PROXY: `http://127.0.0.1:${await serve(proxy)}` };
    await get(`https://localhost:${port}`, { ca, environment });
    expect(tunnels).toEqual([`localhost:${port}`]);
    await get(`https://localhost:${port}`, { ca, environment: { ...environment, NO_PROXY: 'localhost' } });
    expect(tunnels).toHaveLength(1);
  });

  async function serveTls(listener: RequestListener): Promise<{ port: number; ca: string }> {
    const now = new Date();
    const names = { rootCommonName: 'Test Root', intermediateCommonName: 'Test CA' };
    const { root, intermediate } = await createAuthority({ ...names, algorithm: 'P-256', now, rootCrlValidityDays: 9 });
    const { publicKey, privateKey } = await generateKeyPair('P-256');
    const tbs = buildTbs(intermediate.issuer, {
      profile: profiles.server,
      commonName: parseCommonName('localhost'),
      dnsNames: [parseDnsName('localhost')],
      spki: spkiOf(publicKey),
      serialNumber: newSerialNumber(),
      validity: validityWithin(undefined, now, 9),
    });
    const algorithm = intermediate.issuer.signatureAlgorithm;
    const leaf = await signTbs(tbs, algorithm, (data) => signWithKey(intermediate.privateKey, data));
    const key = privateKey.export({ format: 'pem', type: 'pkcs8' });
    const cert = toPem('CERTIFICATE', leaf) + toPem('CERTIFICATE', intermediate.issuer.der);
    return { port: await serve(createTlsServer({ key, cert }, listener)), ca: toPem('CERTIFICATE', root.issuer.der) };
  }
});
