import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { JsonClient } from './json-client';

describe('JsonClient', () => {
  let answer = { status: 200, body: {} };
  const server = createServer((_request, response) => {
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

  it.each([401, 403])('calls itself unavailable when its own key is refused by %d', async (status) => {
    answer = { status, body: { title: 'A key is required' } };
    const unavailable = { status: 503, title: 'The certtransparency service is not available' };
    await expect(client.get('/things')).rejects.toMatchObject(unavailable);
  });
});
