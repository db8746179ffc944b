import { createKeyPairAndCsr } from '@libs/pki';
import { testDatabases } from '@libs/testing';
import request from 'supertest';
import { DownloadToken } from '../src/download-tokens/download-token.entity';
import { DownloadTokensService } from '../src/download-tokens/download-tokens.service';
import { ProfileSession } from '../src/issuances/profile-session.entity';
import { ReconciliationService } from '../src/issuances/reconciliation.service';
import { UsersService } from '../src/users/users.service';
import { barrier } from './support/barrier';
import { IssuingSuite, LEASE_SECONDS } from './support/issuing-suite';

describe.each(testDatabases())('downloads on $name', (database) => {
  const suite = IssuingSuite.on(database);

  const mint = async (options: readonly string[] = []) =>
    (await suite.frontend.app.get(DownloadTokensService).mint(suite.user, options)).token;
  const download = (token: string) => request(suite.frontend.server).get(`/download/${token}`).buffer(true);

  it('gives the profile once, in the path or in the query', async () => {
    const answer = await download(await mint(['full-tunnel']));
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-openvpn-profile',
      'cache-control': 'no-store',
      'vpn-session-token': expect.stringMatching(/^[0-9a-f]{64}$/),
      'content-disposition': expect.stringMatching(/^attachment; filename="[\w.-]+\.ovpn"$/),
    });
    expect(answer.text).toContain('redirect-gateway def1');
    for (const block of ['ca', 'cert', 'extra-certs', 'key', 'tls-crypt-v2']) {
      expect(answer.text).toContain(`\n<${block}>\n-----BEGIN `);
    }
    expect(answer.text).toContain('# --- begin certificate log receipt ---');

    const token = await mint();
    expect((await request(suite.frontend.server).get('/download').query({ token })).status).toBe(200);
    const again = await request(suite.frontend.server).get('/download').query({ token });
    expect(again.status).toBe(410);
    expect(again.body).toMatchObject({ code: 'download_token_used' });
    expect(JSON.stringify(again.body)).not.toContain(token);
  });

  it('stores of token, session token and key nothing but hashes', async () => {
    const token = await mint();
    const answer = await download(token);
    const rows = JSON.stringify([
      await suite.frontend.dataSource.getRepository(DownloadToken).find(),
      await suite.frontend.dataSource.getRepository(ProfileSession).find(),
      await suite.issuances(),
    ]);
    expect(rows).not.toContain(token.slice(5));
    expect(rows).not.toContain(answer.headers['vpn-session-token']);
    expect(rows).not.toContain('PRIVATE KEY');
    expect(await suite.issuances()).toMatchObject([
      { state: 'issued', fingerprint: suite.services.certificates[0]?.fingerprint },
    ]);
  });

  it.each([[''], ['?token='], ['?token=a&token=b'], ['/ovdl_unknown'], ['?token[a]=b'], ['/%00'], ['/..%2f..']])(
    'answers 400 to /download%s',
    async (path) => {
      const answer = await request(suite.frontend.server).get(`/download${path}`);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ code: 'download_token_unknown' });
    },
  );

  it('answers 410 to an expired token, and 403 to another person who is signed in', async () => {
    const token = await mint();
    const other = await suite.frontend.addUser();
    expect((await download(token).set(suite.frontend.as(other))).status).toBe(403);
    suite.frontend.clock.advance(301);
    expect((await download(token).set(suite.frontend.as(suite.user))).status).toBe(410);
    expect(suite.services.certificates).toHaveLength(0);
  });

  it('gives a signed-in owner their own', async () => {
    expect((await download(await mint()).set(suite.frontend.as(suite.user))).status).toBe(200);
  });

  it('gives a program that repeats its request the same certificate, and anybody else nothing', async () => {
    const token = await mint(['tcp']);
    const { csrPem: csr } = await createKeyPairAndCsr({ commonName: 'x', algorithm: 'P-256' });
    const redeem = (key: string) =>
      request(suite.frontend.server).post('/download').set('Idempotency-Key', key).buffer(true).send({ token, csr });
    const [first, again] = [await redeem('request-of-the-program'), await redeem('request-of-the-program')];
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(first.text).not.toContain('<key>');
    expect(again.headers['certificate-fingerprint']).toBe(first.headers['certificate-fingerprint']);
    expect((await redeem('request-of-another')).status).toBe(410);
    expect(suite.services.certificates).toHaveLength(1);
  });

  it('answers HEAD without using the token', async () => {
    const token = await mint();
    for (const path of [`/download/${token}`, `/download?token=${token}`]) {
      const head = await request(suite.frontend.server).head(path);
      expect(head.status).toBe(200);
      expect(head.headers['vpn-session-token']).toBeUndefined();
    }
    expect((await request(suite.frontend.server).head('/download/unknown')).status).toBe(400);
    expect(suite.services.certificates).toHaveLength(0);
    expect((await download(token)).status).toBe(200);
    expect((await request(suite.frontend.server).head(`/download/${token}`)).status).toBe(410);
  });

  it('makes exactly one certificate of 50 parallel redemptions', async () => {
    const token = await mint();
    const users = suite.frontend.app.get(UsersService);
    const principal = users.principal.bind(users);
    const allHaveFoundTheTokenUnused = barrier(50);
    const spy = jest.spyOn(users, 'principal').mockImplementation(async (id) => {
      await allHaveFoundTheTokenUnused();
      return principal(id);
    });
    const answers = await Promise.all(Array.from({ length: 50 }, () => download(token)));
    spy.mockRestore();
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 49 }, () => 410)]);
    expect(suite.services.certificates).toHaveLength(1);
    expect(await suite.issuances()).toHaveLength(1);
  });

  it('answers 503 when signing makes no certificate, and the token stays usable', async () => {
    const token = await mint();
    suite.services.mode = 'refuse';
    const refused = await download(token);
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('7');
    expect(suite.services.certificates).toHaveLength(0);
    suite.services.mode = 'answer';
    expect((await download(token)).status).toBe(200);
    expect(await suite.reconcile()).toBe(1);
    expect((await suite.issuances()).map((issuance) => issuance.state).sort()).toEqual(['failed', 'issued']);
    expect((await download(token)).status).toBe(410);
  });

  it('revokes what signing logged although it answered 503', async () => {
    const token = await mint();
    suite.services.mode = 'issue_and_refuse';
    expect((await download(token)).status).toBe(503);
    expect(await suite.reconcile()).toBe(1);
    expect(suite.services.revocations).toMatchObject([
      { fingerprint: suite.services.certificates[0]?.fingerprint, reason: 'superseded' },
    ]);
    expect(await suite.issuances()).toMatchObject([{ state: 'superseded', logIndex: 0 }]);
  });

  it('revokes what the log has although signing answered 502, that it has refused it', async () => {
    const token = await mint();
    suite.services.mode = 'issue_and_fail';
    const failed = await download(token);
    expect(failed).toMatchObject({ status: 502, body: { code: 'log_refused_entry' } });
    expect(failed.headers['retry-after']).toBeUndefined();
    expect(await suite.reconcile()).toBe(1);
    expect(await suite.issuances()).toMatchObject([{ state: 'superseded', logIndex: 0 }]);
    suite.services.mode = 'answer';
    expect((await download(token)).status).toBe(200);
  });

  it('keeps the token while nobody knows, and frees it when the log has no certificate', async () => {
    const token = await mint();
    suite.services.mode = 'vanish';
    expect((await download(token)).status).toBe(503);
    suite.services.mode = 'answer';
    expect((await download(token)).status).toBe(410);
    expect(await suite.frontend.app.get(ReconciliationService).reconcile()).toBe(0);
    expect(await suite.reconcile()).toBe(1);
    expect(await suite.issuances()).toMatchObject([{ state: 'failed', errorCode: 'abandoned' }]);
    expect((await download(token)).status).toBe(200);
  });

  it('revokes an unclaimed certificate as superseded, and keeps the token spent', async () => {
    const token = await mint();
    suite.services.mode = 'issue_and_vanish';
    expect((await download(token)).status).toBe(503);
    suite.services.mode = 'answer';
    expect(await suite.reconcile()).toBe(1);
    const [certificate] = suite.services.certificates;
    expect(suite.services.revocations).toEqual([
      {
        fingerprint: certificate?.fingerprint,
        reason: 'superseded',
        context: { issuance_id: certificate?.context?.issuance_id, actor: 'system:reconciliation' },
      },
    ]);
    expect((await download(token)).status).toBe(410);
    expect(await suite.reconcile()).toBe(0);
    expect(suite.services.revocations).toHaveLength(1);
  });

  it('tries again later when the log does not answer', async () => {
    await mint();
    suite.services.mode = 'vanish';
    expect((await download(await mint())).status).toBe(503);
    suite.services.logIsDown = true;
    expect(await suite.reconcile()).toBe(0);
    expect(await suite.issuances()).toMatchObject([{ state: 'pending' }]);
    suite.services.logIsDown = false;
    expect(await suite.frontend.app.get(ReconciliationService).reconcile()).toBe(1);
  });

  it('settles each issuance once when several replicas reconcile', async () => {
    suite.services.mode = 'issue_and_vanish';
    for (let count = 0; count < 3; count += 1) expect((await download(await mint())).status).toBe(503);
    suite.frontend.clock.advance(LEASE_SECONDS);
    const service = suite.frontend.app.get(ReconciliationService);
    const settled = await Promise.all([service.reconcile(), service.reconcile(), service.reconcile()]);
    expect(settled.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(suite.services.revocations).toHaveLength(3);
  });

  it('hands nothing out that reconciliation has taken over meanwhile', async () => {
    const token = await mint();
    suite.services.beforeIssuing = async () => {
      suite.services.beforeIssuing = () => Promise.resolve();
      expect(await suite.reconcile()).toBe(1);
    };
    const late = await download(token);
    expect(late.status).toBe(503);
    expect(late.body).toMatchObject({ code: 'issuance_timed_out' });
    expect(late.text).not.toContain('PRIVATE KEY');
  });

  it('refuses an option that no longer exists before anything is spent', async () => {
    const token = await mint(['gone']);
    const answer = await download(token);
    expect(answer.status).toBe(422);
    expect(await suite.issuances()).toHaveLength(0);
  });

  it('records where a request came from, cut to length', async () => {
    await download(await mint())
      .set('User-Agent', `x\u00e9${'y'.repeat(5000)}`)
      .set('X-Forwarded-For', '9.9.9.9');
    const context = suite.services.certificates[0]?.context;
    expect(context).toMatchObject({ user_id: suite.user.userId, client_address: expect.stringContaining('127.0.0.1') });
    expect(context?.user_agent).toMatch(/^x\?+y{250,}$/);
    expect(context?.user_agent).toHaveLength(256);
  });
});
