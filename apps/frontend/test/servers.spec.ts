import type { Principal } from '@libs/auth';
import { DataLossRefused } from '@libs/database';
import { testDatabases } from '@libs/testing';
import request from 'supertest';
import { CreateServerStates1764000300000 } from '../src/database/migrations/1764000300000-create-server-states';
import { ServerState } from '../src/servers/server-state.entity';
import { type IssuingFrontend, startIssuingFrontend } from './support/issuing-frontend';

const ISSUER = 'ab'.repeat(32);

describe.each(testDatabases())('OpenVPN servers on $name', (database) => {
  let frontend: IssuingFrontend;
  let administrator: Principal;
  let auditor: Principal;
  let psk: { readonly id: string; readonly secret: string };

  beforeAll(async () => {
    frontend = await startIssuingFrontend(database);
    administrator = await frontend.addUser();
    auditor = await frontend.addUser({ roles: ['user', 'auditor'] });
  });
  afterAll(() => frontend.close());
  beforeEach(async () => {
    frontend.services.reset();
    await frontend.dataSource.getRepository(ServerState).clear();
    psk = await createPsk('server');
  });

  const createPsk = async (kind: 'server' | 'computer') => {
    const order = { kind, common_name: 'vpn.example.org' };
    const as = frontend.as(administrator);
    return (await request(frontend.server).post('/api/v1/admin/psks').set(as).send(order).expect(201)).body;
  };
  const feed = (query: string, secret = psk.secret) =>
    request(frontend.server).get(`/api/v1/revocations?${query}`).set('Authorization', `Bearer ${secret}`);
  const report = (changes: object = {}, secret = psk.secret) =>
    request(frontend.server)
      .post('/api/v1/servers/report')
      .set('Authorization', `Bearer ${secret}`)
      .send({
        ...{ name: 'vpn-1', agent_version: '1.0.0', sequence: 12, log_size: 12, crls: [{ issuer: ISSUER, number: 7 }] },
        ...{ management: 'connected', sessions: 3, sessions_cut: 1, problems: ['crl_lags'] },
        page_issued_at: '2026-05-04T03:02:01.987Z',
        ...changes,
      });
  const list = (query = '', person = auditor) =>
    request(frontend.server).get(`/api/v1/admin/servers${query}`).set(frontend.as(person));

  describe('the revocation feed', () => {
    it('hands the signed page on as it is', async () => {
      frontend.services.revokedIndexes.push(4, 9);
      const answer = await feed('since=3&extends=2').expect(200);
      expect(answer.text).toBe('signed page from 3: 4,9\n');
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
      expect(answer.headers['content-type']).toContain('text/plain');
      expect(frontend.services.feedRequests).toEqual(['text/plain ?since=3&extends=2']);
    });

    it('asks the log once a second, however many agents ask', async () => {
      frontend.services.revokedIndexes.push(4);
      const answers = await Promise.all(Array.from({ length: 50 }, () => feed('since=0').expect(200)));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(frontend.services.feedRequests).toHaveLength(1);
    });

    it('lets wait until there is a revocation, and looks at the log for all who wait at once', async () => {
      const started = performance.now();
      const waiting = Array.from({ length: 20 }, () => feed('since=5').set('Prefer', 'wait=20').expect(200));
      const answers = Promise.all(waiting);
      setTimeout(() => frontend.services.revokedIndexes.push(5), 900);
      for (const { text } of await answers) expect(text).toBe('signed page from 5: 5\n');
      const seconds = (performance.now() - started) / 1000;
      expect(seconds).toBeGreaterThan(0.8);
      expect(seconds).toBeLessThan(10);
      expect(frontend.services.feedRequests.length).toBeLessThan(10);
    });

    it('lets nobody wait who is behind already', async () => {
      frontend.services.revokedIndexes.push(5, 7);
      await feed('since=6').set('Prefer', 'wait=20').expect(200);
      const started = performance.now();
      await feed('since=7').set('Prefer', 'wait=20').expect(200);
      await feed('since=2').set('Prefer', 'wait=20').expect(200);
      expect(performance.now() - started).toBeLessThan(10_000);
    });

    it('answers after the time that was asked for when nothing happens', async () => {
      const started = performance.now();
      await feed('since=50').set('Prefer', 'respond-async, wait=1').expect(200);
      expect(performance.now() - started).toBeGreaterThan(900);
    });

    it('looks no further once nobody waits', async () => {
      const gone = feed('since=60').set('Prefer', 'wait=20').timeout(300);
      await expect(gone).rejects.toThrow(/[Tt]imeout/);
      await new Promise((resolve) => setTimeout(resolve, 600));
      const { length } = frontend.services.feedRequests;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(frontend.services.feedRequests).toHaveLength(length);
    });

    it('is 503 with Retry-After while the log is down', async () => {
      frontend.services.logIsDown = true;
      const answer = await feed('since=77').set('Prefer', 'wait=1').expect(503);
      expect(answer.headers['retry-after']).toBeDefined();
      expect(answer.body).toMatchObject({ code: 'certtransparency_unavailable' });
    });

    it('is for servers with a pre-shared key', async () => {
      await feed('since=0', 'ovpsk_nobody').expect(401);
      await feed('since=0', (await createPsk('computer')).secret).expect(403);
      await request(frontend.server).get('/api/v1/revocations').set(frontend.as(administrator)).expect(401);
    });

    it.each(['since=-1', 'since=a', 'since=0&limit=0', 'since=0&limit=10001', 'since=0&issuer=x'])(
      'refuses ?%s',
      async (query) => {
        const { body } = await feed(query).expect(422);
        expect(body.code).toBe('invalid_request');
      },
    );
  });

  describe('the reports', () => {
    it('are shown to auditors, with how far each server is behind', async () => {
      frontend.services.revokedIndexes.push(4, 12, 15, 20);
      await report().expect(204);
      await report({ name: 'vpn-2', sequence: 21 }).expect(204);
      const { body } = await list().expect(200);
      const byName = new Map(body.items.map((item: { name: string }) => [item.name, item]));
      expect(byName.get('vpn-1')).toMatchObject({
        ...{ psk_id: psk.id, sequence: 12, log_size: 12, agent_version: '1.0.0', management: 'connected' },
        ...{ lag: { revocations: 3, is_exact: true }, sessions: 3, sessions_cut: 1, problems: ['crl_lags'] },
        ...{ crls: [{ issuer: ISSUER, number: 7 }], page_issued_at: '2026-05-04T03:02:01.987Z' },
      });
      expect(byName.get('vpn-2')).toMatchObject({ sequence: 21, lag: { revocations: 0, is_exact: true, seconds: 0 } });
    });

    it('replace what the same server reported before', async () => {
      await report().expect(204);
      const [before] = (await list().expect(200)).body.items;
      frontend.clock.advance(5);
      await report({ sequence: 30, sessions: undefined, page_issued_at: undefined, problems: [] }).expect(204);
      const { items } = (await list().expect(200)).body;
      expect(items).toHaveLength(1);
      expect(items[0]).toMatchObject({ id: before.id, first_reported_at: before.first_reported_at, sequence: 30 });
      expect(items[0]).toMatchObject({ sessions: null, page_issued_at: null, problems: [] });
      expect(Date.parse(items[0].reported_at) - Date.parse(before.reported_at)).toBe(5_000);
    });

    it('are kept apart by pre-shared key', async () => {
      await report().expect(204);
      await report({ sequence: 40 }, (await createPsk('server')).secret).expect(204);
      expect((await list().expect(200)).body.items).toHaveLength(2);
    });

    it('are listed in pages', async () => {
      for (const name of ['a', 'b', 'c']) await report({ name }).expect(204);
      const first = await list('?limit=2').expect(200);
      expect(first.body.items).toHaveLength(2);
      expect(first.headers['link']).toContain('rel="next"');
      const cursor = String(first.body.next_cursor);
      const rest = await list(`?limit=2&cursor=${cursor}`).expect(200);
      expect(rest.body).toMatchObject({ items: [{}], next_cursor: null });
    });

    it('count no further than makes sense', async () => {
      frontend.services.revokedIndexes.push(...Array.from({ length: 1_200 }, (_, index) => index));
      await report({ sequence: 0 }).expect(204);
      await report({ name: 'vpn-2', sequence: 1_190 }).expect(204);
      const { items } = (await list().expect(200)).body;
      const lags = Object.fromEntries(items.map((item: { name: string; lag: object }) => [item.name, item.lag]));
      expect(lags['vpn-1']).toMatchObject({ revocations: 1_000, is_exact: false });
      expect(lags['vpn-2']).toMatchObject({ revocations: 10, is_exact: true });
    });

    it('may not come without end', async () => {
      const statuses: number[] = [];
      for (let count = 0; count < 45; count += 1) statuses.push((await report()).status);
      expect(statuses.slice(0, 40)).toEqual(Array.from({ length: 40 }, () => 204));
      expect(statuses.slice(40)).toContain(429);
      expect((await report()).headers['retry-after']).toMatch(/^\d+$/);
      frontend.clock.advance(11);
      await report().expect(204);
    });

    it('may not name servers without end', async () => {
      for (let count = 0; count < 64; count += 1) {
        if (count % 30 === 0) frontend.clock.advance(11);
        await report({ name: `vpn-${String(count)}` }).expect(204);
      }
      frontend.clock.advance(11);
      const { body } = await report({ name: 'vpn-64' }).expect(409);
      expect(body.code).toBe('too_many_servers');
      await report({ name: 'vpn-63' }).expect(204);
    });

    it.each<[string, object]>([
      ['a name that is none', { name: 'a b' }],
      ['a negative sequence', { sequence: -1 }],
      ['a problem that is no code', { problems: ['Bad Thing'] }],
      ['an unknown management state', { management: 'maybe' }],
      ['a field that nobody knows', { more: 1 }],
      ['an issuer that is none', { crls: [{ issuer: 'x', number: 1 }] }],
    ])('are refused with %s', async (_, changes) => {
      await report(changes).expect(422);
    });

    it('are shown to nobody without the role', async () => {
      await list('', await frontend.addUser({ roles: ['user', 'system_administrator'] })).expect(403);
      await list('', await frontend.addUser({ roles: ['certificate_administrator', 'auditor'] })).expect(200);
      await request(frontend.server).get('/api/v1/admin/servers').expect(401);
      await report({}, 'ovpsk_nobody').expect(401);
      await report({}, (await createPsk('computer')).secret).expect(403);
    });

    it('are not lost with a migration', async () => {
      await report().expect(204);
      const down = frontend.dataSource.transaction(async ({ queryRunner }) => {
        if (queryRunner) await new CreateServerStates1764000300000().down(queryRunner);
      });
      await expect(down).rejects.toThrow(DataLossRefused);
      await expect(frontend.dataSource.getRepository(ServerState).count()).resolves.toBe(1);
    });
  });
});
