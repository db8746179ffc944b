import type { Principal } from '@libs/auth';
import { testDatabases } from '@libs/testing';
import { X509Certificate } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import request from 'supertest';
import { extract } from 'tar-stream';
import { CrlService } from '../src/crl/crl.service';
import { Issuance } from '../src/issuances/issuance.entity';
import { ReconciliationService } from '../src/issuances/reconciliation.service';
import type { CreatedPskResponse } from '../src/psks/psk.dto';
import { Psk } from '../src/psks/psk.entity';
import { barrier } from './support/barrier';
import { type IssuingFrontend, startIssuingFrontend } from './support/issuing-frontend';

describe.each(testDatabases())('machines on $name', (database) => {
  let frontend: IssuingFrontend;
  let administrator: Principal;

  beforeAll(async () => {
    frontend = await startIssuingFrontend(database);
    administrator = await frontend.addUser();
  });
  afterAll(() => frontend.close());
  beforeEach(() => {
    frontend.services.reset();
  });

  const create = (body: object) =>
    request(frontend.server).post('/api/v1/admin/psks').set(frontend.as(administrator)).send(body);
  const psk = async (body: object = {}): Promise<CreatedPskResponse> => {
    const answer = await create({ kind: 'server', common_name: 'vpn.example.org', ...body });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const fetchBundle = (secret: string, kind = 'server') =>
    request(frontend.server).get(`/api/v1/${kind}/bundle`).set('Authorization', `Bearer ${secret}`).buffer(true);
  const uses = async (id: string) => (await frontend.dataSource.getRepository(Psk).findOneByOrFail({ id })).uses;

  it('gives a server its bundle, by GET and by POST', async () => {
    const { secret } = await psk();
    for (const method of ['get', 'post'] as const) {
      const answer = await request(frontend.server)
        [method]('/api/v1/server/bundle')
        .set('Authorization', `Bearer ${secret}`)
        .responseType('blob');
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({ 'content-type': 'application/gzip', 'cache-control': 'no-store' });
      const files = await filesOf(answer.body);
      expect([...files.keys()]).toEqual([
        'ca-chain.crt',
        'server.crt',
        'server.key',
        'tls-crypt-v2.key',
        'crl.pem',
        'Default.0001.ovpn',
        'Default.0002.ovpn',
      ]);
      expect(files.get('server.key')?.mode).toBe(0o600);
      expect(files.get('crl.pem')?.text.match(/BEGIN X509 CRL/g)).toHaveLength(2);
      expect(files.get('ca-chain.crt')?.text.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
      const certificate = new X509Certificate(files.get('server.crt')?.text ?? '');
      expect(certificate.subject).toBe('CN=vpn.example.org');
      expect(certificate.subjectAltName).toBe('DNS:vpn.example.org');
    }
    expect(frontend.services.certificates.map(({ kind }) => kind)).toEqual(['server', 'server']);
  });

  it('gives a computer its profile', async () => {
    const { secret, public_id } = await psk({ kind: 'computer', common_name: 'kiosk 7' });
    const answer = await fetchBundle(secret, 'computer');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/x-openvpn-profile');
    expect(answer.text).toContain('<tls-crypt-v2>');
    expect(frontend.services.certificates).toMatchObject([
      { kind: 'computer', common_name: 'kiosk 7', context: { psk_id: public_id } },
    ]);
  });

  it('answers 401 alike to every PSK that is not good, and 403 to one of the wrong kind', async () => {
    const good = await psk();
    const expired = await psk({ expires_at: new Date(frontend.clock.now().getTime() + 1000).toISOString() });
    const revoked = await psk();
    await request(frontend.server).post(`/api/v1/admin/psks/${revoked.id}/revocation`).set(frontend.as(administrator));
    const usedUp = await psk({ use_limit: 1 });
    expect((await fetchBundle(usedUp.secret)).status).toBe(200);
    frontend.clock.advance(2);
    const wrong = good.secret.slice(0, -1) + (good.secret.endsWith('A') ? 'B' : 'A');
    const authorizations = [
      undefined,
      'Bearer',
      'Bearer x',
      `Basic ${good.secret}`,
      `Bearer ${wrong}`,
      `Bearer ovpsk_0000000000000000_${'A'.repeat(43)}`,
      ...[expired, revoked, usedUp].map(({ secret }) => `Bearer ${secret}`),
    ];
    const bodies = new Set<string>();
    for (const authorization of authorizations) {
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      const answer = await request(frontend.server).get('/api/v1/server/bundle').set(headers);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="psk"');
      bodies.add(JSON.stringify({ ...answer.body, request_id: '' }));
    }
    expect(bodies.size).toBe(1);
    expect((await fetchBundle(good.secret, 'computer')).status).toBe(403);
    expect((await fetchBundle(revoked.secret, 'computer')).status).toBe(401);
    expect(frontend.services.certificates).toHaveLength(1);
  });

  it('lets 50 parallel uses of a PSK with limit 1 make exactly one certificate', async () => {
    const { secret, id } = await psk({ use_limit: 1 });
    const crl = frontend.app.get(CrlService);
    const pem = crl.pem.bind(crl);
    const allHaveBeenAuthenticated = barrier(50);
    const spy = jest.spyOn(crl, 'pem').mockImplementation(async () => {
      await allHaveBeenAuthenticated();
      return pem();
    });
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetchBundle(secret)));
    spy.mockRestore();
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 49 }, () => 401)]);
    expect(frontend.services.certificates).toHaveLength(1);
    expect(await uses(id)).toBe(1);
  });

  it('counts 30 parallel uses exactly', async () => {
    const { secret, id } = await psk({ kind: 'computer', common_name: 'kiosk', use_limit: 40 });
    const answers = await Promise.all(Array.from({ length: 30 }, () => fetchBundle(secret, 'computer')));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect(await uses(id)).toBe(30);
  });

  it('does not count a use without certificate, now or after reconciliation', async () => {
    const { secret, id } = await psk({ use_limit: 1 });
    frontend.services.mode = 'refuse';
    expect((await fetchBundle(secret)).status).toBe(503);
    expect(await uses(id)).toBe(0);
    frontend.services.mode = 'vanish';
    expect((await fetchBundle(secret)).status).toBe(503);
    expect(await uses(id)).toBe(1);
    frontend.clock.advance(121);
    expect(await frontend.app.get(ReconciliationService).reconcile()).toBe(2);
    expect(await uses(id)).toBe(0);
    frontend.services.mode = 'answer';
    expect((await fetchBundle(secret)).status).toBe(200);
    expect(await frontend.dataSource.getRepository(Issuance).countBy({ pskId: id, state: 'failed' })).toBe(2);
  });

  it('answers HEAD by the key alone, without a use', async () => {
    const { secret, id } = await psk({ use_limit: 1 });
    const head = (authorization: string, kind: string) =>
      request(frontend.server).head(`/api/v1/${kind}/bundle`).set('Authorization', authorization);
    expect((await head(`Bearer ${secret}`, 'server')).status).toBe(200);
    expect((await head(`Bearer ${secret}`, 'computer')).status).toBe(403);
    expect((await head('Bearer x', 'server')).status).toBe(401);
    expect(await uses(id)).toBe(0);
  });

  it('names a server as profiles insist by default, and warns of another name', async () => {
    const usual = await create({ kind: 'server' });
    expect(usual.body).toMatchObject({ common_name: 'vpn.localhost' });
    expect(usual.body).not.toHaveProperty('warning');
    const other = await create({ kind: 'server', common_name: 'vpn.example.org' });
    expect(other.status).toBe(201);
    expect(other.body.warning).toMatch(/insist on a server named vpn\.localhost .* refuse one named vpn\.example\.org/);
    expect(await psk({ kind: 'computer', common_name: 'kiosk' })).not.toHaveProperty('warning');
    const computer = await create({ kind: 'computer' });
    expect(computer.status).toBe(422);
    expect(computer.body.detail).toBe('common_name is required');
  });

  it('shows the secret once and stores its hash', async () => {
    const created = await psk({ description: 'gateway' });
    expect(created.secret).toMatch(/^ovpsk_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
    const read = await request(frontend.server).get(`/api/v1/admin/psks/${created.id}`).set(frontend.as(administrator));
    const { secret, warning, ...others } = created;
    expect(warning).toBeDefined();
    expect(read.body).toEqual(others);
    const row = await frontend.dataSource.getRepository(Psk).findOneByOrFail({ id: created.id });
    expect(JSON.stringify(row)).not.toContain(secret.slice(-43));
  });

  it.each([
    [{ kind: 'server', common_name: 'Not A Host' }, 'common_name'],
    [{ kind: 'server', common_name: `${'a'.repeat(60)}.example.org` }, 'common_name'],
    [{ kind: 'computer', common_name: 'a\nb' }, 'common_name'],
    [{ kind: 'laptop', common_name: 'a' }, 'kind'],
    [{ kind: 'server', common_name: 'a.b', template_set: 'Nonesuch' }, 'template_set'],
    [{ kind: 'computer', common_name: 'a', template_set: 'Default' }, 'template_set'],
    [{ kind: 'server', common_name: 'a.b', use_limit: 0 }, 'use_limit'],
    [{ kind: 'server', common_name: 'a.b', expires_at: '2001-01-01T00:00:00Z' }, 'expires_at'],
    [{ kind: 'server', common_name: 'a.b', expires_at: 'tomorrow' }, 'expires_at'],
    [{ kind: 'server', common_name: 'a.b', surprise: 1 }, 'surprise'],
  ])('refuses to create %j', async (body, field) => {
    const answer = await create(body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ field }]);
  });

  it('lists by pages, newest first, and refuses a foreign cursor', async () => {
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      frontend.clock.advance(1);
      made.push((await psk()).id);
    }
    const seen: string[] = [];
    let path: string | undefined = '/api/v1/admin/psks?limit=2';
    while (path !== undefined && seen.length < 5) {
      const page: request.Response = await request(frontend.server).get(path).set(frontend.as(administrator));
      expect(page.status).toBe(200);
      expect(page.body.items.length).toBeLessThanOrEqual(2);
      for (const item of page.body.items) seen.push(item.id);
      path = /<([^>]+)>; rel="next"/.exec(String(page.headers['link']))?.[1];
    }
    expect(seen.slice(0, 5)).toEqual(made.reverse());
    const foreign = await request(frontend.server).get('/api/v1/admin/psks?cursor=x').set(frontend.as(administrator));
    expect(foreign.status).toBe(422);
  });

  it('is open to system administrators alone', async () => {
    const auditor = await frontend.addUser({ roles: ['user', 'auditor', 'certificate_administrator'] });
    for (const path of ['/api/v1/admin/psks', '/api/v1/admin/psks/x']) {
      expect((await request(frontend.server).get(path)).status).toBe(401);
      expect((await request(frontend.server).get(path).set(frontend.as(auditor))).status).toBe(403);
    }
    const unknown = await request(frontend.server).get('/api/v1/admin/psks/x').set(frontend.as(administrator));
    expect(unknown.status).toBe(404);
  });
});

async function filesOf(archive: Buffer): Promise<Map<string, { mode: number; text: string }>> {
  const files = new Map<string, { mode: number; text: string }>();
  const reader = extract();
  Readable.from([gunzipSync(archive)]).pipe(reader);
  for await (const entry of reader) {
    files.set(entry.header.name, { mode: entry.header.mode, text: await text(entry) });
  }
  return files;
}
