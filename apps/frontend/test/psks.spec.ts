import type { Principal } from '@libs/auth';
import { createKeyPairAndCsr } from '@libs/pki';
import { testDatabases } from '@libs/testing';
import { createHash, createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import request from 'supertest';
import { ReconciliationService } from '../src/issuances/reconciliation.service';
import type { CreatedPskResponse } from '../src/psks/psk.dto';
import { Psk } from '../src/psks/psk.entity';
import { type IssuingFrontend, startIssuingFrontend } from './support/issuing-frontend';

describe.each(testDatabases())('pre-shared keys on $name', (database) => {
  let frontend: IssuingFrontend;
  let administrator: Principal;

  beforeAll(async () => {
    frontend = await startIssuingFrontend(database, { FRONTEND_TRUSTED_PROXIES: '1' });
    administrator = await frontend.addUser();
  });
  afterAll(() => frontend.close());
  beforeEach(() => {
    frontend.services.reset();
  });

  const asAdministrator = (method: 'get' | 'post', path: string) =>
    request(frontend.server)[method](path).set(frontend.as(administrator));
  const create = (body: object) =>
    asAdministrator('post', '/api/v1/admin/psks').send({ kind: 'server', common_name: 'vpn.example.org', ...body });
  const psk = async (body: object = {}): Promise<CreatedPskResponse> => {
    const answer = await create(body);
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const fetchBundle = (secret: string, address = '192.0.2.1') =>
    request(frontend.server)
      .get('/api/v1/server/bundle')
      .set({ Authorization: `Bearer ${secret}`, 'X-Forwarded-For': address });
  const post = (kind: string, secret: string, body: object = {}, key?: string) =>
    request(frontend.server)
      .post(`/api/v1/${kind}/bundle`)
      .set({ Authorization: `Bearer ${secret}`, ...(key === undefined ? {} : { 'Idempotency-Key': key }) })
      .responseType('blob')
      .send(body);
  const bodyOf = (answer: request.Response) => (answer.body as Buffer).toString('utf8');
  const problemOf = (answer: request.Response): unknown => JSON.parse(bodyOf(answer));

  it('work from the networks that they name, and from no others', async () => {
    const { secret } = await psk({ allowed_networks: ['192.0.2.0/24', '2001:db8::/32'] });
    const elsewhere = await fetchBundle(secret, '198.51.100.1');
    const unknown = await fetchBundle('wrong', '198.51.100.1');
    expect(elsewhere.status).toBe(401);
    expect({ ...elsewhere.body, request_id: '' }).toEqual({ ...unknown.body, request_id: '' });
    expect((await fetchBundle(secret, '2001:db9::1')).status).toBe(401);
    expect((await fetchBundle(secret, '192.0.2.77')).status).toBe(200);
    expect((await fetchBundle(secret, '2001:db8::77')).status).toBe(200);
    // What a client writes into the header itself stands left of what the proxy adds.
    expect((await fetchBundle(secret, '192.0.2.1, 198.51.100.1')).status).toBe(401);
  });

  it('carry labels and networks to whoever administers them', async () => {
    const labels = { site: 'berlin', 'rack.1': '' };
    const created = await psk({ allowed_networks: ['192.0.2.1'], labels });
    const read = await asAdministrator('get', `/api/v1/admin/psks/${created.id}`);
    expect(read.body).toMatchObject({ allowed_networks: ['192.0.2.1'], labels });
  });

  it.each([
    [{ allowed_networks: ['10.0.0.0/33'] }, 'allowed_networks'],
    [{ allowed_networks: ['everywhere'] }, 'allowed_networks'],
    [{ allowed_networks: '10.0.0.0/8' }, 'allowed_networks'],
    [{ allowed_networks: Array.from({ length: 33 }, (_, index) => `10.0.0.${String(index)}`) }, 'allowed_networks'],
    [{ labels: { Site: 'x' } }, 'labels'],
    [{ labels: { site: 7 } }, 'labels'],
    [{ labels: { site: 'a\nb' } }, 'labels'],
    [{ labels: ['site'] }, 'labels'],
    [{ labels: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`l${String(index)}`, ''])) }, 'labels'],
  ])('are not created with %j', async (body, field) => {
    const answer = await create(body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ field }]);
  });

  it('leave an event when they are created and when they are revoked, once', async () => {
    const created = await psk();
    for (let count = 0; count < 2; count += 1) {
      await asAdministrator('post', `/api/v1/admin/psks/${created.id}/revocation`);
    }
    const events = await asAdministrator('get', `/api/v1/admin/events?object_id=${created.id}`);
    const actions = events.body.items.map(({ action }: { action: string }) => action).sort();
    expect(actions).toEqual(['psk.created', 'psk.revoked']);
    expect(events.body.items[0].actor.user_id).toBe(administrator.userId);
    expect(JSON.stringify(events.body)).not.toContain(created.secret.slice(-43));
  });

  it('end with what they fetched, or without it', async () => {
    const [kept, gone] = [await psk(), await psk()];
    for (const { secret } of [kept, gone, gone]) expect((await fetchBundle(secret)).status).toBe(200);
    const revoke = (id: string, body: object) =>
      asAdministrator('post', `/api/v1/admin/psks/${id}/revocation`).send(body);
    const without = await revoke(kept.id, {});
    expect(without.status).toBe(200);
    expect(without.body).not.toHaveProperty('certificates');
    const withAll = await revoke(gone.id, { revoke_certificates: true, reason: 'key_compromise' });
    expect(withAll.body).toMatchObject({ public_id: gone.public_id, certificates: { count: 2, newly_revoked: 2 } });
    expect(frontend.services.certificates.map(({ revocation }) => revocation?.reason)).toEqual([
      undefined,
      'key_compromise',
      'key_compromise',
    ]);
    for (const { secret } of [kept, gone]) expect((await fetchBundle(secret)).status).toBe(401);
    const events = await asAdministrator('get', `/api/v1/admin/events?object_id=psk:${gone.public_id}`);
    expect(events.body.items.length).toBeGreaterThan(0);
    expect((await revoke(gone.id, { revoke_certificates: true, reason: 'nonsense' })).status).toBe(422);
  });

  it('hand nothing out any more that was under way when they were revoked', async () => {
    const { secret, id } = await psk();
    frontend.services.beforeIssuing = async () => {
      frontend.services.beforeIssuing = () => Promise.resolve();
      await asAdministrator('post', `/api/v1/admin/psks/${id}/revocation`);
    };
    expect((await fetchBundle(secret)).status).toBe(401);
    frontend.clock.advance(121);
    expect(await frontend.app.get(ReconciliationService).reconcile()).toBe(1);
    expect(frontend.services.revocations).toMatchObject([
      { fingerprint: frontend.services.certificates[0]?.fingerprint, reason: 'superseded' },
    ]);
  });

  it('certify a key that stays on the server: the bundle has none', async () => {
    const { secret } = await psk();
    const { csrPem, privateKeyPem } = await createKeyPairAndCsr({ commonName: 'x', algorithm: 'P-256' });
    const answer = await post('server', secret, { csr: csrPem });
    expect(answer.status).toBe(200);
    const tar = gunzipSync(answer.body as Buffer).toString('latin1');
    expect(tar).toContain('server.crt\0');
    expect(tar).not.toContain('server.key\0');
    expect(tar).not.toContain('PRIVATE KEY');
    const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(tar.slice(tar.indexOf('server.crt')));
    const certificate = new X509Certificate(pem?.[0] ?? '');
    expect(certificate.publicKey.equals(createPublicKey(privateKeyPem))).toBe(true);
    expect(certificate.subjectAltName).toBe('DNS:vpn.example.org');
  });

  it('certify the key of a computer, and refuse a CSR that is none without a use', async () => {
    const { secret, id } = await psk({ kind: 'computer', common_name: 'kiosk', use_limit: 1 });
    const bad = await post('computer', secret, { csr: 'x' });
    expect(bad.status).toBe(422);
    expect(problemOf(bad)).toMatchObject({ errors: [{ field: 'csr' }] });
    expect((await frontend.dataSource.getRepository(Psk).findOneByOrFail({ id })).uses).toBe(0);
    const { csrPem } = await createKeyPairAndCsr({ commonName: 'x', algorithm: 'P-256' });
    const answer = await post('computer', secret, { csr: csrPem });
    expect(answer.status).toBe(200);
    expect(bodyOf(answer)).not.toContain('<key>');
  });

  it('give the same certificate to a repetition, though they are used up', async () => {
    const { secret, id } = await psk({ kind: 'computer', common_name: 'kiosk', use_limit: 1 });
    const { csrPem } = await createKeyPairAndCsr({ commonName: 'x', algorithm: 'P-256' });
    const certificateIn = (answer: request.Response) => /<cert>[^<]+<\/cert>/.exec(bodyOf(answer))?.[0];
    const first = await post('computer', secret, { csr: csrPem }, 'first-boot-of-kiosk');
    const again = await post('computer', secret, { csr: csrPem }, 'first-boot-of-kiosk');
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(certificateIn(again)).toBe(certificateIn(first));
    expect(frontend.services.certificates).toHaveLength(1);
    expect((await frontend.dataSource.getRepository(Psk).findOneByOrFail({ id })).uses).toBe(1);
    expect((await post('computer', secret, { csr: csrPem }, 'another-boot')).status).toBe(401);
    expect((await post('computer', secret, { csr: csrPem })).status).toBe(401);
  });

  it('are found among 10,000 as among a few, by their public id', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      id: `filler-${String(index)}`,
      publicId: randomBytes(8).toString('hex'),
      secretHash: createHash('sha256').update(String(index)).digest('hex'),
      ...{ kind: 'server' as const, commonName: 'vpn.example.org', templateSet: 'Default', description: '' },
      ...{ allowedNetworks: [], labels: {}, expiresAt: null, useLimit: null, uses: 0, lastUsedAt: null },
      ...{ createdAt: new Date(), createdBy: administrator.userId, revokedAt: null, revokedBy: null },
    }));
    for (let from = 0; from < rows.length; from += 500) {
      await frontend.dataSource.getRepository(Psk).insert(rows.slice(from, from + 500));
    }
    const isPostgres = frontend.dataSource.options.type === 'postgres';
    if (isPostgres) await frontend.dataSource.query('ANALYZE psks');
    const explain = isPostgres ? 'EXPLAIN' : 'EXPLAIN QUERY PLAN';
    const plan = await frontend.dataSource.query(
      `${explain} SELECT * FROM psks WHERE public_id = '${rows[7]?.publicId ?? ''}'`,
    );
    expect(JSON.stringify(plan)).toMatch(
      isPostgres ? /Index Scan using psks_public_id_key/ : /SEARCH psks USING INDEX/,
    );
    const times: number[] = [];
    for (let count = 0; count < 40; count += 1) {
      const start = performance.now();
      await request(frontend.server)
        .head('/api/v1/server/bundle')
        .set('Authorization', `Bearer ovpsk_${rows[count]?.publicId ?? ''}_${'A'.repeat(43)}`);
      times.push(performance.now() - start);
    }
    // The slower ones belong to the machine that tests run on.
    expect(times.sort((one, other) => one - other)[20]).toBeLessThan(50);
  });
});
