import { createKeyPairAndCsr } from '@libs/pki';
import { testDatabases } from '@libs/testing';
import { X509Certificate, createPublicKey } from 'node:crypto';
import request from 'supertest';
import { IssuancesService } from '../src/issuances/issuances.service';
import { Settings } from '../src/settings/settings.service';
import type { SettingsChange } from '../src/settings/settings-values';
import { barrier } from './support/barrier';
import { IssuingSuite } from './support/issuing-suite';

describe.each(testDatabases())('profiles on $name', (database) => {
  const suite = IssuingSuite.on(database);

  const create = (body: object = {}, headers: Record<string, string> = {}) =>
    request(suite.frontend.server)
      .post('/api/v1/profiles')
      .set({ ...suite.frontend.as(suite.user), ...headers })
      .buffer(true)
      .send(body);
  const withKey = (key: string) => ({ 'Idempotency-Key': key });
  const certificates = () => suite.services.certificates;
  const csr = async () => createKeyPairAndCsr({ commonName: 'ignored', algorithm: 'P-256' });
  const change = async (settings: SettingsChange) => {
    const service = suite.frontend.app.get(Settings);
    const { version } = await service.read();
    await service.change(settings, [version], suite.user);
  };

  it('have the caller’s key when a CSR came with the request, and no private key', async () => {
    const { csrPem, privateKeyPem } = await csr();
    const answer = await create({ options: ['tcp'], csr: csrPem });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('<key>');
    expect(answer.text).not.toContain('PRIVATE KEY');
    const pem = /<cert>\n([^<]+)<\/cert>/.exec(answer.text)?.[1] ?? '';
    const certificate = new X509Certificate(pem);
    expect(certificate.publicKey.equals(createPublicKey(privateKeyPem))).toBe(true);
    expect(certificate.subject).toBe(`CN=${suite.user.email ?? ''}`);
    expect(answer.headers['certificate-fingerprint']).toBe(certificates()[0]?.fingerprint);
  });

  it.each([['x'], [''], [`-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n`], [7]])(
    'refuse %j as a CSR before anything is begun',
    async (text) => {
      const answer = await create({ csr: text });
      expect(answer.status).toBe(422);
      expect(answer.body.errors).toMatchObject([{ field: 'csr' }]);
      expect(await suite.issuances()).toEqual([]);
    },
  );

  it('remember what the device is called, and refuse a name that is none', async () => {
    const answer = await create({ device_name: 'Büro-Laptop' });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-disposition']).toContain('Buro-Laptop.ovpn');
    expect(await suite.issuances()).toMatchObject([{ deviceName: 'Büro-Laptop' }]);
    for (const name of ['a\nb', 'x'.repeat(65), 7, '\u202e']) {
      expect((await create({ device_name: name })).status).toBe(422);
    }
  });

  it('are not handed out when signing answers for another key', async () => {
    suite.services.mode = 'answer_for_another_key';
    const answer = await create();
    expect(answer.status).toBe(502);
    expect(answer.body).toMatchObject({ code: 'issued_certificate_not_valid' });
    expect(await suite.issuances()).toMatchObject([{ state: 'pending' }]);
    await suite.reconcile();
    expect(suite.services.revocations).toMatchObject([{ fingerprint: certificates()[0]?.fingerprint }]);
  });

  describe('with an Idempotency-Key', () => {
    it('come once: with a CSR the same certificate again, and a new session token', async () => {
      const { csrPem } = await csr();
      const [first, second] = [
        await create({ csr: csrPem }, withKey('key-of-the-first')),
        await create({ csr: csrPem }, withKey('key-of-the-first')),
      ];
      expect([first.status, second.status]).toEqual([200, 200]);
      expect(second.headers['certificate-fingerprint']).toBe(first.headers['certificate-fingerprint']);
      expect(second.headers['vpn-session-token']).not.toBe(first.headers['vpn-session-token']);
      expect(certificates()).toHaveLength(1);
    });

    it('answer 409 when the key pair was made here and given out', async () => {
      expect((await create({}, withKey('another-key'))).status).toBe(200);
      const again = await create({}, withKey('another-key'));
      expect(again.status).toBe(409);
      expect(again.body).toMatchObject({
        code: 'idempotency_key_used',
        fingerprint: certificates()[0]?.fingerprint,
      });
      expect(certificates()).toHaveLength(1);
    });

    it('answer 422 when the key stood for another request, and to one that is none', async () => {
      expect((await create({ device_name: 'a' }, withKey('one-more-key'))).status).toBe(200);
      const other = await create({ device_name: 'b' }, withKey('one-more-key'));
      expect(other.status).toBe(422);
      expect(other.body).toMatchObject({ code: 'idempotency_key_reused' });
      expect((await create({}, withKey('short'))).status).toBe(422);
      expect((await create({}, withKey('a b c d e f g'))).status).toBe(422);
    });

    it('are asked for anew after a failure', async () => {
      suite.services.mode = 'refuse';
      expect((await create({}, withKey('fails-at-first'))).status).toBe(503);
      suite.services.mode = 'answer';
      const early = await create({}, withKey('fails-at-first'));
      expect(early.status).toBe(409);
      expect(early.body).toMatchObject({ code: 'idempotency_key_in_use' });
      expect(early.headers['retry-after']).toBeDefined();
      await suite.reconcile();
      expect((await create({}, withKey('fails-at-first'))).status).toBe(200);
    });

    it('belong to their user: another one’s equal key is another key', async () => {
      expect((await create({}, withKey('everybodys-key'))).status).toBe(200);
      suite.user = await suite.frontend.addUser();
      expect((await create({}, withKey('everybodys-key'))).status).toBe(200);
    });

    it('are made once by 50 parallel requests', async () => {
      const { csrPem } = await csr();
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => create({ csr: csrPem }, withKey('fifty-at-once'))),
      );
      const statuses = new Set(answers.map(({ status }) => status));
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(1);
      expect([...statuses].filter((status) => status !== 200 && status !== 409)).toEqual([]);
      expect(certificates()).toHaveLength(1);
      expect(await suite.issuances()).toHaveLength(1);
    });
  });

  describe('within limits', () => {
    afterEach(() => change({ max_active_profiles_per_user: null, max_named_devices_per_user: null }));

    it('are as many as one person may have, under 50 parallel requests', async () => {
      await change({ max_active_profiles_per_user: 3 });
      const issuances = suite.frontend.app.get(IssuancesService);
      const begin = issuances.begin.bind(issuances);
      const allAreAboutToBegin = barrier(50);
      const spy = jest.spyOn(issuances, 'begin').mockImplementation(async (order) => {
        await allAreAboutToBegin();
        return begin(order);
      });
      const answers = await Promise.all(Array.from({ length: 50 }, () => create()));
      spy.mockRestore();
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([200, 200, 200, ...Array.from({ length: 47 }, () => 409)]);
      expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
        code: 'profile_limit_reached',
        limit: 3,
      });
      expect(certificates()).toHaveLength(3);
    });

    it('become fewer by revocation, wherever it was done', async () => {
      await change({ max_active_profiles_per_user: 1 });
      expect((await create()).status).toBe(200);
      expect((await create()).status).toBe(409);
      const [record] = certificates();
      if (record === undefined) throw new Error('no certificate');
      certificates()[0] = { ...record, revocation: { index: 1, reason: 'superseded', revoked_at: record.logged_at } };
      expect((await create()).status).toBe(200);
      expect((await create()).status).toBe(409);
    });

    it('are for so many named devices; another profile for one of them is fine', async () => {
      await change({ max_named_devices_per_user: 2 });
      for (const name of ['a', 'b', 'a']) expect((await create({ device_name: name })).status).toBe(200);
      const third = await create({ device_name: 'c' });
      expect(third.status).toBe(409);
      expect(third.body).toMatchObject({ code: 'device_limit_reached', limit: 2 });
      expect((await create()).status).toBe(200);
    });
  });
});
