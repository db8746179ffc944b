import { testDatabases } from '@libs/testing';
import request from 'supertest';
import { DownloadTokensService } from '../src/download-tokens/download-tokens.service';
import { DueRenewals } from '../src/issuances/due-renewals.service';
import { Issuance } from '../src/issuances/issuance.entity';
import { Renewal } from '../src/issuances/renewal.entity';
import { IssuingSuite } from './support/issuing-suite';

const OVERLAP_SECONDS = 7 * 24 * 3_600;

describe.each(testDatabases())('my certificates on $name', (database) => {
  const suite = IssuingSuite.on(database);

  const post = (path: string, body: object = {}, by = suite.user) =>
    request(suite.frontend.server).post(path).set(suite.frontend.as(by)).buffer(true).send(body);
  const get = (path: string, by = suite.user) => request(suite.frontend.server).get(path).set(suite.frontend.as(by));
  const list = async () => (await get('/api/v1/me/certificates')).body.items;
  const make = async (body: object = {}, by = suite.user): Promise<string> => {
    const answer = await post('/api/v1/profiles', body, by);
    expect(answer.status).toBe(200);
    return answer.headers['certificate-fingerprint'] ?? '';
  };
  const renew = (fingerprint: string, body: object = {}) =>
    post(`/api/v1/me/certificates/${fingerprint}/renewal`, body);
  const revocations = () => suite.services.revocations;

  it('are listed newest first, in pages, and one by one', async () => {
    const made: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      suite.frontend.clock.advance(1);
      made.unshift(await make({ device_name: name, options: ['tcp'] }));
    }
    const page = await get('/api/v1/me/certificates?limit=2');
    expect(page.body.items.map(({ fingerprint }: { fingerprint: string }) => fingerprint)).toEqual(made.slice(0, 2));
    expect(page.headers['link']).toContain('rel="next"');
    const rest = await get(`/api/v1/me/certificates?limit=2&cursor=${String(page.body.next_cursor)}`);
    expect(rest.body).toMatchObject({ items: [{ fingerprint: made[2] }], next_cursor: null });
    expect((await get(`/api/v1/me/certificates/${made[0] ?? ''}`)).body).toMatchObject({
      fingerprint: made[0],
      device_name: 'c',
      options: ['tcp'],
      state: 'valid',
      renewed_by: null,
      revocation_due_at: null,
      link_reuse: null,
    });
  });

  it('are nobody else’s', async () => {
    const other = await suite.frontend.addUser();
    const fingerprint = await make({}, other);
    expect(await list()).toEqual([]);
    for (const answer of [
      await get(`/api/v1/me/certificates/${fingerprint}`),
      await get('/api/v1/me/certificates/x'),
      await post(`/api/v1/me/certificates/${fingerprint}/revocation`),
      await renew(fingerprint),
    ]) {
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ code: 'certificate_not_found' });
    }
    expect(revocations()).toEqual([]);
  });

  it('are revoked by their owner, once and for good', async () => {
    const fingerprint = await make();
    const path = `/api/v1/me/certificates/${fingerprint}/revocation`;
    const first = await post(path, { reason: 'key_compromise' });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ fingerprint, newly_revoked: true });
    expect((await post(path)).body).toMatchObject({ newly_revoked: false });
    expect(revocations()[0]).toMatchObject({
      reason: 'key_compromise',
      context: { user_id: suite.user.userId, actor: `user:${suite.user.userId}` },
    });
    suite.services.logIsDown = true;
    expect(await list()).toMatchObject([{ state: 'revoked' }]);
    expect((await post(path, { reason: 'ca_compromise' })).status).toBe(422);
  });

  it('are revoked all at once', async () => {
    const made = [await make(), await make(), await make()];
    await post(`/api/v1/me/certificates/${made[0] ?? ''}/revocation`);
    const answer = await post('/api/v1/me/certificates/revocations');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ count: 2, newly_revoked: 2, crl: 'published' });
    expect((await list()).map(({ state }: { state: string }) => state)).toEqual(['revoked', 'revoked', 'revoked']);
  });

  it('are valid on beside the one that takes their place, until the overlap is over', async () => {
    const old = await make({ options: ['tcp'], device_name: 'Laptop' });
    const answer = await renew(old);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('<key>');
    const renewed = answer.headers['certificate-fingerprint'];
    const due = new Date(suite.frontend.clock.now().getTime() + OVERLAP_SECONDS * 1000).toISOString();
    expect(await list()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ fingerprint: renewed, device_name: 'Laptop', options: ['tcp'], renewed_by: null }),
        expect.objectContaining({
          fingerprint: old,
          state: 'valid',
          renewed_by: renewed,
          revocation_due_at: due,
        }),
      ]),
    );
    const renewals = suite.frontend.app.get(DueRenewals);
    suite.frontend.clock.advance(OVERLAP_SECONDS - 1);
    expect(await renewals.revokeDue()).toBe(0);
    suite.frontend.clock.advance(1);
    // As several replicas would, each with its own timer.
    expect(await Promise.all([renewals.revokeDue(), renewals.revokeDue()])).toEqual([1, 0]);
    expect(revocations()).toEqual([
      { fingerprint: old, reason: 'superseded', context: { actor: 'system:renewal', user_id: suite.user.userId } },
    ]);
    expect(await list()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ fingerprint: old, state: 'revoked' }),
        expect.objectContaining({ fingerprint: renewed, state: 'valid' }),
      ]),
    );
  });

  it('are revoked later when signing does not answer in time', async () => {
    await renew(await make());
    suite.frontend.clock.advance(OVERLAP_SECONDS);
    const renewals = suite.frontend.app.get(DueRenewals);
    const known = suite.services.certificates.splice(0);
    expect(await renewals.revokeDue()).toBe(0);
    suite.services.certificates.push(...known);
    expect(await renewals.revokeDue()).toBe(1);
    expect(
      await suite.frontend.dataSource.getRepository(Renewal).countBy({ finishedAt: suite.frontend.clock.now() }),
    ).toBe(1);
  });

  it('are renewed once, by 50 parallel requests as well', async () => {
    const old = await make();
    const answers = await Promise.all(Array.from({ length: 50 }, () => renew(old)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 49 }, () => 409)]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'certificate_not_renewable' });
    expect(suite.services.certificates).toHaveLength(2);
  });

  it('can be renewed again when the new one was never received', async () => {
    const old = await make();
    suite.services.mode = 'issue_and_vanish';
    expect((await renew(old)).status).toBe(503);
    suite.services.mode = 'answer';
    expect((await renew(old)).status).toBe(409);
    await suite.reconcile();
    expect(revocations().map(({ fingerprint }) => fingerprint)).not.toContain(old);
    expect((await renew(old)).status).toBe(200);
  });

  it('cannot be renewed once revoked or expired', async () => {
    const revoked = await make();
    await post(`/api/v1/me/certificates/${revoked}/revocation`);
    expect((await renew(revoked)).body).toMatchObject({ code: 'certificate_not_renewable' });
    const expired = await make();
    await suite.frontend.dataSource
      .getRepository(Issuance)
      .update({ fingerprint: expired }, { expiresAt: suite.frontend.clock.now() });
    expect((await renew(expired)).body).toMatchObject({ code: 'certificate_not_renewable' });
  });

  it('tell their owner who used the link a second time', async () => {
    const { token } = await suite.frontend.app.get(DownloadTokensService).mint(suite.user, [], { deviceName: 'Phone' });
    const download = () => request(suite.frontend.server).get(`/download/${token}`);
    expect((await download()).status).toBe(200);
    expect((await request(suite.frontend.server).head(`/download/${token}`)).status).toBe(410);
    expect(await list()).toMatchObject([{ device_name: 'Phone', link_reuse: null }]);
    expect((await download()).status).toBe(410);
    expect((await download()).status).toBe(410);
    expect(await list()).toMatchObject([
      {
        link_reuse: {
          count: 2,
          last_at: suite.frontend.clock.now().toISOString(),
          client_address: expect.stringContaining('127.0.0.1'),
        },
      },
    ]);
  });
});
