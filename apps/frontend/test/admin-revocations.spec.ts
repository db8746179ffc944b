import type { Principal } from '@libs/auth';
import { MAX_BULK_REVOCATION } from '@libs/contracts';
import { testDatabases } from '@libs/testing';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { AdminEvent } from '../src/events/event.entity';
import { Events } from '../src/events/events.service';
import { Psk } from '../src/psks/psk.entity';
import { Settings } from '../src/settings/settings.service';
import { type IssuingFrontend, startIssuingFrontend } from './support/issuing-frontend';
import { RealServices } from './support/real-services';

const PARALLEL = 50;

const PSK: Omit<Psk, 'id' | 'publicId' | 'createdAt' | 'createdBy'> = {
  secretHash: 'a'.repeat(64),
  kind: 'server',
  commonName: 'vpn.example.org',
  templateSet: 'Default',
  description: '',
  allowedNetworks: [],
  labels: {},
  expiresAt: null,
  useLimit: null,
  uses: 0,
  lastUsedAt: null,
  revokedAt: null,
  revokedBy: null,
};

describe.each(testDatabases())('revocations by administrators on $name', (database) => {
  let services: RealServices;
  let frontend: IssuingFrontend;
  let administrator: Principal;

  beforeAll(async () => {
    services = await RealServices.start();
    frontend = await startIssuingFrontend(database, await services.variables());
    administrator = await frontend.addUser({ roles: ['auditor', 'certificate_administrator'] });
    // So that a few revoked ones are no large share.
    await Promise.all(Array.from({ length: 30 }, () => services.issue({ user_id: randomUUID() })));
  });
  afterAll(async () => {
    await frontend.close();
    await services.stop();
  });
  beforeEach(() => frontend.dataSource.getRepository(AdminEvent).clear());
  afterEach(() => jest.restoreAllMocks());

  const post = (path: string, body: object, as = administrator) =>
    request(frontend.server).post(`/api/v1/admin/${path}`).set(frontend.as(as)).send(body);
  const bulk = (body: object, as = administrator) => post('revocations', body, as);
  const get = (path: string) => request(frontend.server).get(`/api/v1/admin/${path}`).set(frontend.as(administrator));
  const confirmed = async (body: object) => {
    const { confirmation } = (await bulk(body).expect(200)).body as { confirmation: string };
    return { ...body, reason: 'privilege_withdrawn', dry_run: false, confirmation };
  };
  const events = async () => {
    const rows = await frontend.dataSource.getRepository(AdminEvent).find();
    return rows.map(({ action }) => action).sort();
  };
  const issueTo = async (user: string, count = 2) =>
    Promise.all(Array.from({ length: count }, () => services.issue({ user_id: user })));

  it('are a dry run unless told otherwise', async () => {
    const user = randomUUID();
    const certificates = await issueTo(user);
    const { body } = await bulk({ user }).expect(200);
    expect(body).toEqual({
      dry_run: true,
      count: 2,
      active_certificates: expect.any(Number),
      fuse: { share_percent: expect.any(Number), limit_percent: 20, exceeded: false },
      max_count: MAX_BULK_REVOCATION,
      confirmation: expect.stringMatching(/^\d+\.\d+\.2\.[0-9a-f]{64}$/),
    });
    expect(body.fuse.share_percent).toBeCloseTo((100 * 2) / body.active_certificates, 1);
    await expect(services.revoked(certificates)).resolves.toBe(0);
    await expect(events()).resolves.toEqual([]);
  });

  it('repeat what the dry run confirmed, once, and leave events', async () => {
    const user = randomUUID();
    const certificates = await issueTo(user);
    const order = { ...(await confirmed({ user })), comment: 'left the company' };
    const { body, headers } = await bulk(order).expect(200);
    expect(body).toEqual({
      ...{ dry_run: false, reason: 'privilege_withdrawn', count: 2, newly_revoked: 2, crl: 'published' },
      ...{ first_index: expect.any(Number), last_index: Number(body.first_index) + 1 },
    });
    await expect(services.revoked(certificates)).resolves.toBe(2);
    const { items } = (await get('events')).body as { items: Record<string, unknown>[] };
    const [completed, requested] = [...items].sort((a, b) => (String(a['action']) < String(b['action']) ? -1 : 1));
    expect(requested).toMatchObject({
      actor: { user_id: administrator.userId, api_token_id: null },
      action: 'bulk_revocation.requested',
      object: { type: 'bulk_revocation', id: `user:${user}` },
      request_id: headers['x-request-id'],
      details: { reason: 'privilege_withdrawn', count: 2, confirmation: order.confirmation, override_fuse: false },
    });
    expect(completed).toMatchObject({
      action: 'bulk_revocation.completed',
      request_id: headers['x-request-id'],
      details: { request: requested?.['id'], count: 2, newly_revoked: 2, first_index: body.first_index },
    });
    expect(JSON.stringify(items)).not.toContain('left the company');
    expect((await bulk(order).expect(200)).body).toMatchObject({ count: 2, newly_revoked: 0, crl: 'published' });
    expect((await bulk({ user }).expect(200)).body).toMatchObject({ count: 0 });
  });

  it('are refused when the certificates are not those of the dry run, and do nothing', async () => {
    const user = randomUUID();
    const certificates = await issueTo(user);
    const order = await confirmed({ user });
    certificates.push(...(await issueTo(user, 1)));
    const { body } = await bulk(order).expect(409);
    expect(body).toMatchObject({ code: 'revocation_set_changed', status: 409 });
    await expect(services.revoked(certificates)).resolves.toBe(0);
    await expect(events()).resolves.toEqual(['bulk_revocation.failed', 'bulk_revocation.requested']);
    const [failed] = await frontend.dataSource.getRepository(AdminEvent).findBy({ action: 'bulk_revocation.failed' });
    expect(failed?.details).toMatchObject({ code: 'revocation_set_changed', may_have_happened: false });
  });

  it('of a large share need to say that they are meant', async () => {
    const settings = frontend.app.get(Settings, { strict: false });
    const change = async (percent: number | null) => {
      const { version } = await settings.read();
      await settings.change({ bulk_revocation_fuse_percent: percent }, [version], administrator);
      await frontend.dataSource.getRepository(AdminEvent).clear();
    };
    await change(1);
    const user = randomUUID();
    const certificates = await issueTo(user);
    const dryRun = (await bulk({ user }).expect(200)).body;
    expect(dryRun.fuse).toMatchObject({ limit_percent: 1, exceeded: true });
    const order = await confirmed({ user });
    const { body } = await bulk(order).expect(409);
    expect(body).toMatchObject({ code: 'revocation_fuse_exceeded', count: 2, limit_percent: 1 });
    await expect(services.revoked(certificates)).resolves.toBe(0);
    await expect(events()).resolves.toEqual([]);
    expect((await bulk({ ...order, override_fuse: true }).expect(200)).body).toMatchObject({ newly_revoked: 2 });
    await change(null);
  });

  it('go by pre-shared key, under either of its ids', async () => {
    const psk = {
      ...PSK,
      id: randomUUID(),
      publicId: randomUUID().slice(0, 8).repeat(2),
      createdBy: administrator.userId,
    };
    await frontend.dataSource.getRepository(Psk).insert({ ...psk, createdAt: new Date() });
    const certificate = await services.issue({ psk_id: psk.publicId });
    expect((await bulk({ psk: psk.publicId }).expect(200)).body).toMatchObject({ count: 1 });
    await bulk(await confirmed({ psk: psk.id })).expect(200);
    await expect(services.revoked([certificate])).resolves.toBe(1);
    expect((await bulk({ psk: randomUUID() }).expect(404)).body).toMatchObject({ code: 'psk_not_found' });
  });

  it('refuse orders that are incomplete or make no sense', async () => {
    const user = randomUUID();
    const order = await confirmed({ user });
    const wrong = [
      {},
      { user, psk: '0'.repeat(16) },
      { user: 'ada' },
      { user, issuer: '1' },
      { ...order, confirmation: undefined },
      { ...order, confirmation: 'yes' },
      { ...order, reason: undefined },
      { ...order, dry_run: 'false' },
      { ...order, comment: 'a\nb' },
      { ...order, force: true },
    ];
    for (const body of wrong) await bulk(body).expect(422);
    for (const reason of ['certificate_hold', 'remove_from_crl']) {
      const { body } = await bulk({ ...order, reason }).expect(422);
      expect(body.detail).toMatch(/a revoked certificate stays revoked/);
    }
    await expect(events()).resolves.toEqual([]);
  });

  it('are for certificate administrators', async () => {
    for (const roles of [['user'], ['auditor'], ['system_administrator']] as const) {
      await bulk({ user: randomUUID() }, await frontend.addUser({ roles })).expect(403);
    }
  });

  it('by fifty at once revoke each certificate once', async () => {
    const user = randomUUID();
    const certificates = await issueTo(user, 5);
    const order = await confirmed({ user });
    const answers = await Promise.all(Array.from({ length: PARALLEL }, () => bulk(order)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: PARALLEL }, () => 200));
    expect(answers.map(({ body }) => body.newly_revoked as number).filter((count) => count > 0)).toEqual([5]);
    await expect(services.revoked(certificates)).resolves.toBe(5);
    const done = await frontend.dataSource.getRepository(AdminEvent).countBy({ action: 'bulk_revocation.completed' });
    expect(done).toBe(PARALLEL);
  });

  it('of one certificate by fifty at once are one revocation', async () => {
    const [certificate] = await issueTo(randomUUID(), 1);
    const path = `certificates/${certificate?.fingerprint ?? ''}/revocation`;
    const revoke = () => post(path, { reason: 'superseded' });
    const answers = await Promise.all(Array.from({ length: PARALLEL }, revoke));
    expect(answers.filter(({ body }) => body.newly_revoked === true)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.revoked_at as string)).size).toBe(1);
    const recorded = await events();
    expect(recorded.filter((action) => action === 'certificate.revoked')).toHaveLength(PARALLEL);
  });

  it('while fifty are issued take exactly what was confirmed, or nothing', async () => {
    const user = randomUUID();
    const before = await issueTo(user, 5);
    const order = await confirmed({ user });
    const issuing = issueTo(user, PARALLEL);
    const { status } = await bulk(order);
    const later = await issuing;
    expect([200, 409]).toContain(status);
    await expect(services.revoked(before)).resolves.toBe(status === 200 ? 5 : 0);
    await expect(services.revoked(later)).resolves.toBe(0);
    await bulk(await confirmed({ user, override_fuse: true })).expect(200);
    await expect(services.revoked([...before, ...later])).resolves.toBe(5 + PARALLEL);
  });

  it('are not asked for when they cannot be recorded', async () => {
    const [certificate] = await issueTo(randomUUID(), 1);
    const recording = jest.spyOn(frontend.app.get(Events, { strict: false }), 'recordAlone');
    recording.mockRejectedValueOnce(new Error('the database is away'));
    const path = `certificates/${certificate?.fingerprint ?? ''}/revocation`;
    expect((await post(path, { reason: 'superseded' })).status).toBe(500);
    await expect(services.revoked(certificate ? [certificate] : [])).resolves.toBe(0);
  });

  it('are answered as done although their outcome cannot be recorded; the request is', async () => {
    const [certificate] = await issueTo(randomUUID(), 1);
    const real = frontend.app.get(Events, { strict: false });
    const record = real.recordAlone.bind(real);
    jest.spyOn(real, 'recordAlone').mockImplementation(async (event) => {
      if (event.action === 'certificate.revoked') throw new Error('the database is away');
      return record(event);
    });
    const path = `certificates/${certificate?.fingerprint ?? ''}/revocation`;
    expect((await post(path, { reason: 'superseded' })).body).toMatchObject({ newly_revoked: true });
    await expect(events()).resolves.toEqual(['certificate.revocation_requested']);
  });
});
