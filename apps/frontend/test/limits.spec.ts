import type { Principal } from '@libs/auth';
import { UnitOfWork } from '@libs/database';
import { type FixedClock, testDatabases } from '@libs/testing';
import { DataSource } from 'typeorm';
import request from 'supertest';
import type { Limit } from '../src/limits/limit';
import { LimitReached } from '../src/limits/limit-reached';
import { Limits } from '../src/limits/limits.service';
import { RateLimit } from '../src/limits/rate-limit.entity';
import { TokenBuckets } from '../src/limits/token-buckets';
import { type IssuingFrontend, startIssuingFrontend } from './support/issuing-frontend';

const FIVE: Limit = { name: 'five', perMinute: 5, burst: 5 };
const SECRET = 'x'.repeat(43);
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const HUNDRED: Limit = { name: 'hundred', perMinute: 100, burst: 100 };

describe.each(testDatabases())('limits on $name', (database) => {
  let frontend: IssuingFrontend;
  let clock: FixedClock;

  beforeAll(async () => {
    frontend = await startIssuingFrontend(database, {
      FRONTEND_TRUSTED_PROXIES: '1',
      FRONTEND_FAILED_CREDENTIALS_PER_MINUTE: '5',
      FRONTEND_CERTIFICATES_PER_MINUTE: '3',
      FRONTEND_DEVICE_LOGINS_PER_MINUTE: '2',
    });
    clock = frontend.clock;
  });
  afterAll(() => frontend.close());
  beforeEach(async () => {
    clock.advance(3_600);
    await frontend.app.get(Limits).clean();
  });

  /** Another replica: what it remembers is its own, the database is shared. */
  const replica = () => new Limits(new TokenBuckets(frontend.app.get(UnitOfWork), frontend.app.get(DataSource)), clock);
  const outcomes = async (takes: readonly Promise<void>[]) => {
    const settled = await Promise.allSettled(takes);
    for (const outcome of settled) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(LimitReached);
    }
    return settled.filter(({ status }) => status === 'fulfilled').length;
  };

  it('let through as many as they say, and then as many as time gives back', async () => {
    const limits = replica();
    expect(await outcomes(Array.from({ length: 8 }, () => limits.take(FIVE, 'a')))).toBe(5);
    clock.advance(11);
    await expect(limits.take(FIVE, 'a')).rejects.toMatchObject({ status: 429, retryAfterSeconds: 1 });
    clock.advance(1);
    await limits.take(FIVE, 'a');
    await expect(limits.take(FIVE, 'a')).rejects.toMatchObject({ retryAfterSeconds: 12 });
    clock.advance(60);
    expect(await outcomes(Array.from({ length: 8 }, () => limits.take(FIVE, 'a')))).toBe(5);
  });

  it('keep sides and limits apart', async () => {
    const limits = replica();
    await outcomes(Array.from({ length: 6 }, () => limits.take(FIVE, 'a')));
    await limits.take(FIVE, 'b');
    await limits.take({ ...FIVE, name: 'other' }, 'a');
  });

  it('count all replicas together, 50 requests at once at each of four', async () => {
    const replicas = [replica(), replica(), replica(), replica()];
    const takes = replicas.flatMap((limits) => Array.from({ length: 50 }, () => limits.take(HUNDRED, 'a')));
    const granted = await outcomes(takes);
    expect(granted).toBeLessThanOrEqual(100);
    expect(granted).toBeGreaterThanOrEqual(97);
  });

  it('ask the database for one request in ten, and for none once a side is known to have had enough', async () => {
    const buckets = new TokenBuckets(frontend.app.get(UnitOfWork), frontend.app.get(DataSource));
    const draw = jest.spyOn(buckets, 'draw');
    const limits = new Limits(buckets, clock);
    for (let count = 0; count < 100; count += 1) await limits.take(HUNDRED, 'a');
    expect(draw).toHaveBeenCalledTimes(10);
    await expect(limits.take(HUNDRED, 'a')).rejects.toThrow(LimitReached);
    const before = draw.mock.calls.length;
    for (let count = 0; count < 10; count += 1) await expect(limits.take(HUNDRED, 'a')).rejects.toThrow();
    expect(draw).toHaveBeenCalledTimes(before);
  });

  it('leave nothing behind once a bucket is full again, and store no address', async () => {
    const limits = replica();
    await limits.take(FIVE, '192.0.2.1');
    const rows = frontend.dataSource.getRepository(RateLimit);
    expect(JSON.stringify(await rows.find())).not.toContain('192.0.2.1');
    expect(await limits.clean()).toBe(0);
    clock.advance(12);
    expect(await limits.clean()).toBe(1);
    expect(await rows.count()).toBe(0);
  });

  describe('of the service', () => {
    const bundle = (headers: Record<string, string> = {}) =>
      request(frontend.server).get('/api/v1/server/bundle').set('Authorization', 'Bearer wrong').set(headers);
    const bearer = (path: string, credential: string) =>
      request(frontend.server).get(path).set('Authorization', `Bearer ${credential}`);
    const token = (body: object) => request(frontend.server).post('/api/v1/token').send(body);
    const from = (...addresses: readonly string[]) => ({ 'X-Forwarded-For': addresses.join(', ') });
    const statuses = async (count: number, ask: () => request.Test) => {
      const seen: number[] = [];
      for (let index = 0; index < count; index += 1) seen.push((await ask()).status);
      return seen;
    };

    it('answer 429 to an address that showed too many wrong credentials, and to no other', async () => {
      expect(await statuses(7, () => bundle(from('192.0.2.1')))).toEqual([401, 401, 401, 401, 401, 401, 429]);
      const refused = await bundle(from('192.0.2.1'));
      expect(refused.body).toMatchObject({ code: 'too_many_requests' });
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect((await request(frontend.server).get('/download/x').set(from('192.0.2.1'))).status).toBe(429);
      expect((await bundle(from('192.0.2.2'))).status).toBe(401);
    });

    it.each<[string, () => request.Test]>([
      ['a PSK of a server', () => bearer('/api/v1/server/bundle', `ovpsk_${'0'.repeat(16)}_${SECRET}`)],
      ['a PSK of a computer', () => bearer('/api/v1/computer/bundle', 'none')],
      ['a PSK for revocations', () => bearer('/api/v1/revocations', 'none')],
      ['an API token', () => bearer('/api/v1/admin/psks', `ovapi_${'0'.repeat(16)}_${SECRET}`)],
      ['an access token', () => bearer('/api/v1/me/certificates', `ovat_${SECRET}`)],
      ['a bearer credential of no kind', () => bearer('/api/v1/me', 'none')],
      ['no bearer credential at all', () => request(frontend.server).get('/api/v1/server/bundle')],
      ['a download link', () => request(frontend.server).get(`/download/ovdl_${SECRET}`)],
      [
        'a download link in a body',
        () =>
          request(frontend.server)
            .post('/download')
            .send({ token: `ovdl_${SECRET}` }),
      ],
      ['the code of a program', () => token({ grant_type: 'authorization_code', code: 'x', code_verifier: SECRET })],
      ['the code of a device', () => token({ grant_type: DEVICE_GRANT, device_code: 'ovdc_x' })],
    ])('count %s that is none', async (_, ask) => {
      const address = from('192.0.2.6');
      const seen = await statuses(7, () => ask().set(address));
      expect(seen.slice(0, 6)).not.toContain(429);
      expect(seen[6]).toBe(429);
      // Whoever guesses one kind is not heard with another either.
      expect((await bundle(address)).status).toBe(429);
    });

    it('take the address from the proxies in front, not from what a client adds to the header', async () => {
      let count = 0;
      const spoofing = () => bundle(from(`203.0.113.${String((count += 1))}`, '192.0.2.3'));
      expect(await statuses(7, spoofing)).toEqual([401, 401, 401, 401, 401, 401, 429]);
    });

    it('count the certificates of one person', async () => {
      const user: Principal = await frontend.addUser();
      const create = (by: Principal) => request(frontend.server).post('/api/v1/profiles').set(frontend.as(by)).send({});
      expect(await statuses(4, () => create(user))).toEqual([200, 200, 200, 429]);
      expect((await create(await frontend.addUser())).status).toBe(200);
      clock.advance(20);
      expect((await create(user)).status).toBe(200);
    });

    it('count the device logins begun at one address', async () => {
      const begin = (address: string) =>
        request(frontend.server).post('/api/v1/device/authorize').set(from(address)).send({});
      expect(await statuses(3, () => begin('192.0.2.4'))).toEqual([200, 200, 429]);
      expect((await begin('192.0.2.5')).status).toBe(200);
    });
  });
});
