import type { Principal } from '@libs/auth';
import { onlyPemBlock } from '@libs/pki';
import { testDatabases } from '@libs/testing';
import { parseReceipt, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import type { StatisticsResponse } from '../src/statistics/statistics.dto';
import { type IssuingFrontend, startIssuingFrontend } from './support/issuing-frontend';
import { RealServices } from './support/real-services';

describe.each(testDatabases())('what administrators see on $name', (database) => {
  let services: RealServices;
  let frontend: IssuingFrontend;
  let administrator: Principal;

  beforeAll(async () => {
    services = await RealServices.start();
    frontend = await startIssuingFrontend(database, await services.variables());
    administrator = await frontend.addUser({ roles: ['auditor', 'certificate_administrator'] });
  });
  afterAll(async () => {
    await frontend.close();
    await services.stop();
  });

  const get = (path: string) => request(frontend.server).get(`/api/v1/admin/${path}`).set(frontend.as(administrator));
  const post = (path: string, body: object) =>
    request(frontend.server).post(`/api/v1/admin/${path}`).set(frontend.as(administrator)).send(body);

  it('is a certificate with the proof that it stands in the log', async () => {
    const { fingerprint, log_index: index } = await services.issue({ user_id: randomUUID() });
    const { body } = await get(`certificates/${fingerprint}`).expect(200);
    expect(body).toMatchObject({ fingerprint, proof: `/api/v1/admin/certificates/${fingerprint}/proof` });
    const { text, headers } = await get(`certificates/${fingerprint}/proof`).expect(200);
    expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    const der = onlyPemBlock(body.certificate as string, 'CERTIFICATE');
    const leaf = (extra: Buffer | undefined) => rebuildLeaf(extra ?? Buffer.of(), der);
    expect(verifyReceipt(parseReceipt(text), leaf, [services.log.signer.verifier]).index).toBe(index);
    await get(`certificates/${'0'.repeat(64)}/proof`).expect(404);
    await get('certificates/nonsense/proof').expect(404);
  });

  it('is how many there are', async () => {
    const before = (await get('statistics?days=2').expect(200)).body as StatisticsResponse;
    const { fingerprint } = await services.issue({ user_id: randomUUID() });
    await services.issue({ user_id: randomUUID() });
    await post(`certificates/${fingerprint}/revocation`, { reason: 'superseded' }).expect(200);
    const { body } = await get('statistics?days=2').expect(200);
    expect(body).toMatchObject({
      certificates: before.certificates + 2,
      by_type: { user: before.by_type.user + 2, computer: 0, server: 0 },
      by_status: { valid: before.by_status.valid + 1, revoked: before.by_status.revoked + 1, expired: 0 },
    });
    expect(body.by_day).toHaveLength(2);
    await get('statistics?days=0').expect(422);
  });

  it('is the state of the CRLs, which they can have made anew', async () => {
    const { body } = await get('crl').expect(200);
    expect(body.days_until_lock_out).toBeGreaterThan(1);
    expect(body.crls).toHaveLength(2);
    const [active] = body.crls as Record<string, unknown>[];
    expect(active).toMatchObject({
      number: expect.any(Number),
      authority_key_id: expect.stringMatching(/^[0-9a-f]+$/),
    });
    const rebuilt = (await post('crl', {}).expect(200)).body;
    expect(rebuilt.number).toBeGreaterThan(Number(active?.['number']));
    const after = (await get('crl').expect(200)).body;
    expect(after.crls[0]).toMatchObject({ number: rebuilt.number, next_update: rebuilt.next_update });
    const { items } = (await get('events?object_type=crl').expect(200)).body;
    expect((items as { action: string }[]).map(({ action }) => action).sort()).toEqual([
      'crl.rebuild_requested',
      'crl.rebuilt',
    ]);
  });

  it('stays as far as it can when the log is down; revoking says 503 and changes nothing', async () => {
    const user = randomUUID();
    const certificates = [await services.issue({ user_id: user })];
    const { confirmation } = (await post('revocations', { user }).expect(200)).body;
    const recorded = async () => ((await get('events').expect(200)).body.items as unknown[]).length;
    const before = await recorded();
    await services.stopLog();
    const [certificate] = certificates;
    const attempts = [
      post('revocations', { user }),
      post('revocations', { user, confirmation, reason: 'superseded', dry_run: false, override_fuse: true }),
      post(`certificates/${certificate?.fingerprint ?? ''}/revocation`, { reason: 'superseded' }),
      get('statistics'),
      get(`certificates/${certificate?.fingerprint ?? ''}/proof`),
    ];
    for (const attempt of attempts) {
      const { status, headers } = await attempt;
      expect(status).toBe(503);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    await get('crl').expect(200);
    await expect(services.revoked(certificates)).resolves.toBe(0);
    // The single one was asked for; the bulk could not even be previewed.
    await expect(recorded()).resolves.toBe(before + 2);
  });
});
