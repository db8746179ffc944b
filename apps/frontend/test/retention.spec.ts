import { UnitOfWork } from '@libs/database';
import { FixedClock, testDatabases } from '@libs/testing';
import { randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ApiToken } from '../src/api-tokens/api-token.entity';
import { hashSecret } from '../src/credentials/secret';
import { DownloadToken } from '../src/download-tokens/download-token.entity';
import { DownloadTokensService } from '../src/download-tokens/download-tokens.service';
import { Issuance } from '../src/issuances/issuance.entity';
import { ProfileSession } from '../src/issuances/profile-session.entity';
import { Renewal } from '../src/issuances/renewal.entity';
import { Retention } from '../src/retention/retention.service';
import { RetentionSchedule } from '../src/retention/retention-schedule.service';
import { StoredSession } from '../src/sessions/session.entity';
import { apiCall } from './support/api-call';
import { addApiToken } from './support/api-tokens';
import { freePort, startFrontend, type TestFrontend } from './support/frontend';
import { addPerson, addSession } from './support/signed-in';

const DAYS = 30;
const HOUR = 3_600;
const DAY = 24 * HOUR;

describe.each(testDatabases())('retention on $name', (database) => {
  let frontend: TestFrontend;
  let dataSource: DataSource;
  let userId: string;

  beforeAll(async () => {
    const variables = { RETENTION: 'external', RETENTION_DAYS: String(DAYS) };
    frontend = await startFrontend({ database, port: await freePort(), issuer: 'http://localhost:9', variables });
    ({ dataSource } = frontend);
  });

  beforeEach(async () => {
    frontend.clock.set(new Date());
    userId = await addPerson(dataSource, ['vpn-users']);
  });

  afterAll(() => frontend.close());

  const deleteOver = () => frontend.app.get(Retention, { strict: false }).deleteOver();
  const before = (seconds: number) => new Date(frontend.clock.now().getTime() - seconds * 1000);
  const hex = () => randomBytes(32).toString('hex');

  /** As another replica or the scheduler would, whose clock may be another. */
  function another(aheadSeconds = 0): Retention {
    const clock = new FixedClock(before(-aheadSeconds));
    const unitOfWork = new UnitOfWork(dataSource);
    others.push(unitOfWork);
    return new Retention(
      dataSource,
      unitOfWork,
      { retention: { mode: 'external', intervalSeconds: 1, days: DAYS } },
      clock,
    );
  }
  const others: UnitOfWork[] = [];
  afterEach(async () => {
    for (const unitOfWork of others.splice(0)) await unitOfWork.onModuleDestroy();
  });

  function issuanceWith(facts: Partial<Issuance>): Issuance {
    return {
      ...{ id: randomUUID(), kind: 'user', userId, pskId: null, commonName: 'ada', template: 'default', options: [] },
      ...{ deviceName: null, idempotencyHash: null, requestHash: null, state: 'issued', holdsCredential: false },
      ...{ serialNumber: 'A'.repeat(40), fingerprint: hex(), logIndex: 1, errorCode: null, expiresAt: before(0) },
      ...{ createdAt: before(0), leaseUntil: before(0), finishedAt: before(0), revokedAt: null },
      ...facts,
    };
  }

  async function addIssuance(facts: Partial<Issuance> = {}): Promise<Issuance> {
    const issuance = issuanceWith(facts);
    await dataSource.getRepository(Issuance).insert(issuance);
    return issuance;
  }

  async function addDownloadToken(facts: Partial<DownloadToken> = {}): Promise<DownloadToken> {
    const token: DownloadToken = {
      ...{ tokenHash: hex(), userId, groups: [], options: [], deviceName: null, codeChallenge: null },
      ...{ createdAt: before(0), expiresAt: before(0), claimedAt: null, spentAt: null, issuanceId: null },
      ...{ exchangedAt: null, reuseCount: 0, lastReusedAt: null, lastReusedFrom: null },
      ...facts,
    };
    await dataSource.getRepository(DownloadToken).insert(token);
    return token;
  }

  const NO_CERTIFICATE = { serialNumber: null, fingerprint: null, logIndex: null, expiresAt: null };
  const has = {
    session: (idHash: string) => dataSource.getRepository(StoredSession).existsBy({ idHash }),
    downloadToken: (tokenHash: string) => dataSource.getRepository(DownloadToken).existsBy({ tokenHash }),
    apiToken: (id: string) => dataSource.getRepository(ApiToken).existsBy({ id }),
    issuance: (id: string) => dataSource.getRepository(Issuance).existsBy({ id }),
  };

  it.each<[string, boolean, () => Partial<StoredSession>]>([
    ['is running', false, () => ({})],
    ['has been idle for a little too long', false, () => ({ idleExpiresAt: before(HOUR / 2) })],
    ['has been idle for long', true, () => ({ idleExpiresAt: before(HOUR + 1) })],
    ['has reached its end', true, () => ({ idleExpiresAt: before(2 * HOUR), absoluteExpiresAt: before(HOUR + 1) })],
    ['was ended a moment ago', false, () => ({ destroyedAt: before(HOUR / 2) })],
    ['was ended', true, () => ({ destroyedAt: before(HOUR + 1) })],
  ])('of a session that %s: deleted is %j', async (_, isDeleted, facts) => {
    const { sessionId } = await addSession(dataSource, userId, facts());
    await deleteOver();
    expect(await has.session(sessionId)).toBe(!isDeleted);
  });

  it.each<[string, boolean, () => Partial<DownloadToken>]>([
    ['has expired', false, () => ({ expiresAt: before(DAY) })],
    ['expired long ago', true, () => ({ expiresAt: before((DAYS + 1) * DAY) })],
  ])('of a link that %s: deleted is %j', async (_, isDeleted, facts) => {
    const { tokenHash } = await addDownloadToken(facts());
    await deleteOver();
    expect(await has.downloadToken(tokenHash)).toBe(!isDeleted);
  });

  it('leaves a link that pays for a certificate which is being made', async () => {
    const pending = await addIssuance({ ...NO_CERTIFICATE, state: 'pending', holdsCredential: true, finishedAt: null });
    const claim = { expiresAt: before(90 * DAY), claimedAt: before(90 * DAY), issuanceId: pending.id };
    const { tokenHash } = await addDownloadToken(claim);
    await deleteOver();
    expect(await has.downloadToken(tokenHash)).toBe(true);
    expect(await has.issuance(pending.id)).toBe(true);
  });

  it.each<[string, boolean, () => Partial<ApiToken>]>([
    ['is good', false, () => ({})],
    ['has expired', false, () => ({ createdAt: before(3 * DAY), expiresAt: before(DAY) })],
    ['expired long ago', true, () => ({ createdAt: before(90 * DAY), expiresAt: before((DAYS + 1) * DAY) })],
    ['was revoked long ago', true, () => ({ revokedAt: before((DAYS + 1) * DAY), revokedBy: userId })],
  ])('of an API token that %s: deleted is %j', async (_, isDeleted, facts) => {
    const { id } = await addApiToken(dataSource, userId, ['psks:read'], facts());
    await deleteOver();
    expect(await has.apiToken(id)).toBe(!isDeleted);
  });

  it.each<[string, boolean, () => Partial<Issuance>]>([
    ['whose certificate is valid', false, () => ({ expiresAt: before(-DAY), createdAt: before(365 * DAY) })],
    ['whose certificate has expired', false, () => ({ expiresAt: before(DAY) })],
    ['whose certificate expired long ago', true, () => ({ expiresAt: before((DAYS + 1) * DAY) })],
    ['nobody received, long ago', true, () => ({ state: 'superseded', expiresAt: before((DAYS + 1) * DAY) })],
    ['that failed', false, () => ({ ...NO_CERTIFICATE, state: 'failed', finishedAt: before(DAY) })],
    [
      'that failed long ago',
      true,
      () => ({ ...NO_CERTIFICATE, state: 'failed', finishedAt: before((DAYS + 1) * DAY) }),
    ],
    [
      'that is under way, however long',
      false,
      () => ({ ...NO_CERTIFICATE, state: 'pending', finishedAt: null, createdAt: before(365 * DAY) }),
    ],
  ])('of an issuance %s: deleted is %j', async (_, isDeleted, facts) => {
    const { id } = await addIssuance(facts());
    await deleteOver();
    expect(await has.issuance(id)).toBe(!isDeleted);
  });

  it('deletes what refers to an issuance with it', async () => {
    const old = await addIssuance({ expiresAt: before((DAYS + 1) * DAY) });
    const renewed = await addIssuance({ expiresAt: before(-DAY) });
    const { tokenHash } = await addDownloadToken({ claimedAt: before(1), issuanceId: old.id, expiresAt: before(0) });
    await dataSource
      .getRepository(ProfileSession)
      .insert({ tokenHash: hex(), issuanceId: old.id, createdAt: before(0) });
    const renewal = { issuanceId: old.id, renewedBy: renewed.id, createdAt: before(0) };
    await dataSource.getRepository(Renewal).insert({ ...renewal, dueAt: null, leaseUntil: null, finishedAt: null });
    await deleteOver();
    expect([await has.issuance(old.id), await has.downloadToken(tokenHash)]).toEqual([false, false]);
    expect(await has.issuance(renewed.id)).toBe(true);
  });

  it('is shared by replicas that begin together: every row is deleted once', async () => {
    await deleteOver();
    const rows = Array.from({ length: 2_600 }, () => ({
      ...{ idHash: hex(), userId, data: { csrfToken: 'x' }, clientAddress: null, userAgent: null },
      ...{ providerSessionHash: null, createdAt: before(DAY), idleExpiresAt: before(2 * HOUR) },
      ...{ absoluteExpiresAt: before(2 * HOUR), destroyedAt: null },
    }));
    for (let at = 0; at < rows.length; at += 500) {
      await dataSource.getRepository(StoredSession).insert(rows.slice(at, at + 500));
    }
    const running = await addSession(dataSource, userId);
    const reports = await Promise.all([0, 1, 2, 3].map(() => another().deleteOver()));
    expect(reports.reduce((sum, { sessions = 0 }) => sum + sessions, 0)).toBe(2_600);
    expect(await has.session(running.sessionId)).toBe(true);
  });

  it('stops between two batches when it is told to', async () => {
    const { sessionId } = await addSession(dataSource, userId, { destroyedAt: before(2 * HOUR) });
    await another().deleteOver(() => false);
    expect(await has.session(sessionId)).toBe(true);
  });

  it('and fifty requests of a session that is deleted meanwhile: none breaks, and it does not come back', async () => {
    const session = await addSession(dataSource, userId, { idleExpiresAt: before(-60) });
    const me = async () => (await apiCall(frontend.url, 'GET /api/v1/me', { headers: session.headers })).status;
    const requests = Array.from({ length: 50 }, me);
    // Its clock is two hours ahead: for it, the session is over although it is in use.
    const deletion = another(2 * HOUR).deleteOver();
    const statuses = await Promise.all([...requests, ...Array.from({ length: 5 }, me)]);
    await deletion;
    expect([200, 401]).toEqual(expect.arrayContaining([...new Set(statuses)]));
    await another(2 * HOUR).deleteOver();
    if (await has.session(session.sessionId)) expect(await me()).toBe(200);
    else expect(await me()).toBe(401);
    await another(DAY).deleteOver();
    expect([await me(), await has.session(session.sessionId)]).toEqual([401, false]);
  });

  it('and fifty claims of a link that is deleted meanwhile: one pays at most, and what pays stays', async () => {
    const secret = `ovdl_${randomBytes(32).toString('base64url')}`;
    const tokenHash = hashSecret(secret);
    const token = await addDownloadToken({ tokenHash, expiresAt: before(-60) });
    const credential = frontend.app.get(DownloadTokensService, { strict: false }).credentialOf(token);
    const unitOfWork = frontend.app.get(UnitOfWork, { strict: false });
    const claim = () =>
      unitOfWork.run(async (manager) => {
        const id = randomUUID();
        await credential.claim(manager, id, frontend.clock.now());
        await manager.insert(Issuance, issuanceWith({ ...NO_CERTIFICATE, id, state: 'pending', finishedAt: null }));
      });
    const claims = Array.from({ length: 50 }, claim);
    const deletion = another((DAYS + 1) * DAY).deleteOver();
    const outcomes = await Promise.allSettled(claims);
    await deletion;
    const paid = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(paid.length).toBeLessThanOrEqual(1);
    expect(await has.downloadToken(tokenHash)).toBe(paid.length === 1);
    const codes = outcomes.flatMap((outcome) => {
      return outcome.status === 'rejected' ? [(outcome.reason as { readonly code?: unknown }).code] : [];
    });
    expect([...new Set(codes)]).toEqual(['download_token_used']);
  });

  it('is left to the scheduler when it is external', () => {
    const timers = jest.spyOn(globalThis, 'setInterval');
    const schedule = frontend.app.get(RetentionSchedule, { strict: false });
    schedule.onApplicationBootstrap();
    expect(timers).not.toHaveBeenCalled();
    timers.mockRestore();
  });
});

describe('retention by the service itself', () => {
  it('runs from time to time', async () => {
    const [database] = testDatabases();
    if (database === undefined) throw new Error('no database');
    const variables = { RETENTION_INTERVAL_SECONDS: '1' };
    const frontend = await startFrontend({ database, port: await freePort(), issuer: 'http://localhost:9', variables });
    try {
      const userId = await addPerson(frontend.dataSource, []);
      await addSession(frontend.dataSource, userId, { destroyedAt: new Date(Date.now() - 2 * HOUR * 1000) });
      const rows = frontend.dataSource.getRepository(StoredSession);
      for (let waited = 0; waited < 50 && (await rows.count()) > 0; waited += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(await rows.count()).toBe(0);
    } finally {
      await frontend.close();
    }
  });
});
