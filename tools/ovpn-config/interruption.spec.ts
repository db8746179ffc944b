import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Desk } from './test/desk';

let desk: Desk;
beforeEach(() => {
  desk = new Desk({ OVPN_CONFIG_URL: 'http://localhost:9' });
});
afterEach(() => desk.remove());

const profile = (...more: string[]) => desk.run('get', 'profile', '-o', desk.path('me.ovpn'), ...more);

describe('an interruption', () => {
  it('ends the wait for a login, and leaves nothing behind', async () => {
    desk.openBrowser = () => desk.interruption.abort();
    expect(await profile('--login', 'browser')).toMatchObject({ status: 130, stdout: '' });
    expect(await readdir(desk.folder)).toEqual([]);
  });

  it('ends a request that is under way', async () => {
    const server = createServer(() => desk.interruption.abort());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await profile('--login', 'device', '--url', `http://127.0.0.1:${port}`)).toMatchObject({ status: 130 });
    server.closeAllConnections();
    server.close();
  });
});
