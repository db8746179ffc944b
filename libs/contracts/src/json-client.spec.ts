import { getEventListeners, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { JsonClient } from './json-client';

describe('JsonClient', () => {
  let answer = { status: 200, body: {} };
  let held: ServerResponse | undefined;
  const server = createServer((request, response) => {
    if (request.url === '/held') {
      held = response;
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(answer.body));
  });
  let client: JsonClient;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const baseUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    client = new JsonClient({ baseUrl, key: 'key', service: 'certtransparency', timeoutMs: 1_000 });
  });

  afterAll(async () => {
    held?.destroy();
    await client.close();
    server.close();
    await once(server, 'close');
  });

  it('hands on what the other service says of a request that it refused', async () => {
    const problem = { code: 'invalid_request', title: 'The request is not valid', detail: 'cursor is foreign' };
    answer = { status: 422, body: problem };
    await expect(client.get('/things')).rejects.toMatchObject({ ...problem, status: 422 });
  });

  it('names no service to a caller whose request was refused without a word', async () => {
    answer = { status: 422, body: {} };
    const refused = { code: 'certtransparency_refused', title: 'The request was refused', detail: undefined };
    await expect(client.get('/things')).rejects.toMatchObject(refused);
  });

  it('hands on what the other service gave up for good, and not what a proxy says in its place', async () => {
    const problem = { code: 'log_refused_entry', title: 'The log refuses the entry', status: 502 };
    answer = { status: 502, body: problem };
    await expect(client.get('/things')).rejects.toMatchObject({ ...problem, retryAfterSeconds: undefined });
    answer = { status: 502, body: { code: 'bad_gateway', message: 'upstream connect error' } };
    await expect(client.get('/things')).rejects.toMatchObject({ status: 503, outcome: 'unknown' });
  });

  it.each([401, 403])('calls itself unavailable when its own key is refused by %d', async (status) => {
    answer = { status, body: { title: 'A key is required' } };
    const unavailable = { status: 503, title: 'The certtransparency service is not available' };
    await expect(client.get('/things')).rejects.toMatchObject(unavailable);
  });

  describe('with the signal of its caller', () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

    it('leaves nothing in the signal, and no timer, however a call ends', async () => {
      const { signal } = new AbortController();
      answer = { status: 200, body: {} };
      await client.get('/things', {}, { signal });
      const before = timers();
      for (let call = 0; call < 20; call += 1) await client.get('/things', {}, { signal, timeoutMs: 60_000 });
      answer = { status: 500, body: {} };
      await expect(client.get('/things', {}, { signal })).rejects.toMatchObject({ status: 503 });
      await expect(client.get('/held', {}, { signal, timeoutMs: 20 })).rejects.toMatchObject({ status: 503 });
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      expect(timers()).toBeLessThanOrEqual(before);
    });

    it.each([
      ['before the call', 0],
      ['during the call', 30],
    ])('gives up when that aborts %s', async (_, afterMs) => {
      const caller = new AbortController();
      if (afterMs === 0) caller.abort();
      else setTimeout(() => caller.abort(), afterMs);
      const call = client.get('/held', {}, { signal: caller.signal, timeoutMs: 20_000 });
      await expect(call).rejects.toMatchObject({ status: 503, cause: { name: 'AbortError' } });
    });
  });

  it('gives up when its time is over', async () => {
    const call = client.get('/held', {}, { timeoutMs: 20 });
    await expect(call).rejects.toMatchObject({ status: 503, outcome: 'unknown', cause: { name: 'TimeoutError' } });
  });
});
