import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Degraded, Readiness } from './readiness';

describe('a service that shuts down', () => {
  it('is not ready, and ends each connection with the answer, so that a busy client cannot keep it alive', async () => {
    const readiness = new Readiness();
    const app = express().use(readiness.middleware, (_request, response) => {
      response.send('served');
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const connectionHeader = async (): Promise<string | undefined> => {
      const call = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent }).end();
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      return response.headers.connection;
    };
    expect(await connectionHeader()).toBe('keep-alive');
    readiness.onModuleDestroy();
    expect((await readiness.report()).status).toBe('not_ready');
    expect(await connectionHeader()).toBe('close');
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('a check', () => {
  it('that finds something degraded leaves the service in use, and one that fails does not', async () => {
    const readiness = new Readiness();
    readiness.register('disk', () => undefined);
    readiness.register('crl', () => {
      throw new Degraded('it expires soon');
    });
    expect(await readiness.report()).toEqual({ status: 'degraded', checks: { disk: 'ok', crl: 'degraded' } });
    readiness.register('database', () => Promise.reject(new Error('it is away')));
    expect((await readiness.report()).status).toBe('not_ready');
  });
});
