import { Clock } from '@libs/http';
import { decodeLeaf, generateNoteKey } from '@libs/tlog';
import request from 'supertest';
import { issuedEntry, type TestCertificate, TestIssuer } from './certificate-fixture';
import {
  type LogDatabaseFixture,
  migratedLogDatabase,
  query,
  READER_KEY,
  type RunningLog,
  startLog,
  WRITER_KEY,
} from './log-fixture';

const signer = generateNoteKey('log.test/revoked');
const FIRST = { reason: 'key_compromise', revoked_at: '2026-01-02T03:04:05.678Z' };
let database: LogDatabaseFixture;
let log: RunningLog;
let issuer: TestIssuer;
let certificate: TestCertificate;

beforeAll(async () => {
  issuer = await TestIssuer.create();
  database = await migratedLogDatabase();
  log = await startLog(database, { signer });
});

afterAll(async () => {
  await log.close();
  await database.drop();
});

beforeEach(async () => {
  certificate = await issuer.certificate();
  await post(issuedEntry(certificate)).expect(201);
  await revoke(FIRST).expect(201);
});

const post = (body: object) =>
  request(log.url).post('/api/v1/entries').set('Authorization', `Bearer ${WRITER_KEY}`).send(body);

const revoke = (claim: { reason: string; revoked_at: string }) =>
  post({ type: 'revoked', fingerprint: certificate.fingerprint, ...claim });

const get = async (path: string) =>
  (await request(log.url).get(path).set('Authorization', `Bearer ${READER_KEY}`).expect(200)).body;

async function expectStillRevoked(): Promise<void> {
  const record = await get(`/api/v1/certificates/${certificate.fingerprint}`);
  expect(record.revocation).toMatchObject(FIRST);
  const { items } = await get('/api/v1/revocations?since=0');
  const mine = items.filter(({ fingerprint }: TestCertificate) => fingerprint === certificate.fingerprint);
  expect(mine).toEqual([expect.objectContaining(FIRST)]);
  const rows = await query(
    database.superuserUrl,
    `SELECT count(*)::int AS n FROM ct.identity WHERE fingerprint = '\\x${certificate.fingerprint}' AND kind = 2`,
  );
  expect(rows).toEqual([{ n: 1 }]);
}

describe('a revoked certificate stays revoked', () => {
  it.each([
    ['is issued again', () => post(issuedEntry(certificate))],
    ['is revoked again', () => revoke(FIRST)],
    ['is revoked for another reason', () => revoke({ ...FIRST, reason: 'superseded' })],
    ['is revoked back-dated', () => revoke({ reason: 'superseded', revoked_at: '1990-01-01T00:00:00Z' })],
    ['is revoked for the future', () => revoke({ reason: 'superseded', revoked_at: '2199-01-01T00:00:00Z' })],
  ])('when it %s', async (_, submit) => {
    const { status, body } = await submit();
    expect({ status, known: body.known }).toEqual({ status: 200, known: true });
    await expectStillRevoked();
  });

  it('when somebody asks to take it back', async () => {
    await revoke({ reason: 'remove_from_crl', revoked_at: FIRST.revoked_at }).expect(422);
    await expectStillRevoked();
  });

  it('when the service starts anew', async () => {
    await log.close();
    log = await startLog(database, { signer });
    await post(issuedEntry(certificate)).expect(200);
    await expectStillRevoked();
  });

  it('when the clock of the log jumps back', async () => {
    const clock = log.app.get(Clock, { strict: false });
    const sound = clock.now.bind(clock);
    clock.now = () => new Date(0);
    const { body } = await post(issuedEntry(await issuer.certificate())).expect(201);
    await revoke(FIRST).expect(200);
    clock.now = sound;
    await expectStillRevoked();
    // And the log's time has not gone back with it.
    const times = await query(database.superuserUrl, 'SELECT leaf FROM ct.entry ORDER BY idx');
    const logged = times.map(({ leaf }) => decodeLeaf(leaf as Buffer).loggedAt);
    expect(logged).toEqual([...logged].sort((a, b) => a - b));
    expect(logged[Number(body.index)]).toBeGreaterThan(1_700_000_000_000);
  });
});
