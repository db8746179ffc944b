import { type AppendedRevocations, CertificateLog } from '@libs/contracts';
import { crlEntries, parseCrl, parsePem } from '@libs/pki';
import { randomUUID } from 'node:crypto';
import {
  type LogDatabaseFixture,
  migratedLogDatabase,
  query,
  READER_KEY,
  type RunningLog,
  startLog,
  WRITER_KEY,
} from '../../certtransparency/test/log-fixture';
import { logVariables, SigningService, TestPki, userRequest } from './support/signing-service';

let pki: TestPki;
let database: LogDatabaseFixture;
let log: RunningLog;
let service: SigningService;

beforeAll(async () => {
  pki = await TestPki.create();
  database = await migratedLogDatabase();
  log = await startLog(database);
  service = await SigningService.start(logVariables(await pki.directory(), log.url, WRITER_KEY, log.signer.verifier));
});

afterAll(async () => {
  await service.stop();
  await log.close();
  await database.drop();
  await pki.remove();
});

afterEach(() => jest.restoreAllMocks());

const issueTo = async (context: object) => {
  const { body } = await service.issue({ ...(await userRequest()), context }).expect(201);
  return body as { fingerprint: string; serial_number: string; log_index: number };
};
const revoke = (body: object) =>
  service.call('post', '/api/v1/revocations').send({ reason: 'cessation_of_operation', ...body });
const confirmationFor = async (user: string): Promise<string> => {
  const response = await fetch(`${log.url}/api/v1/revocations/bulk?user_id=${user}`, {
    headers: { authorization: `Bearer ${READER_KEY}` },
  });
  return ((await response.json()) as { confirmation: string }).confirmation;
};
const servedSerials = async () => {
  const { text } = await service.call('get', '/api/v1/crl.pem').expect(200);
  return parsePem(text).flatMap(({ der }) => [...crlEntries(parseCrl(der))].map(({ serialNumber }) => serialNumber));
};
const revoked = async (fingerprints: readonly string[]) => {
  const rows = await query(
    database.superuserUrl,
    "SELECT count(*)::int AS count FROM ct.revocation WHERE encode(fingerprint, 'hex') = ANY ($1)",
    [fingerprints],
  );
  return rows[0]?.['count'];
};

describe('POST /api/v1/revocations of many', () => {
  it('revokes all of a user, and answers once the CRL names them', async () => {
    const user = randomUUID();
    const mine = [await issueTo({ user_id: user }), await issueTo({ user_id: user })];
    const other = await issueTo({ user_id: randomUUID() });
    const context = { actor: 'user:4711', comment: 'left the company' };
    const { body } = await revoke({ user, context, confirmation: await confirmationFor(user) }).expect(200);
    expect(body).toEqual({
      ...{ reason: 'cessation_of_operation', count: 2, newly_revoked: 2, crl: 'published' },
      ...{ first_index: expect.any(Number), last_index: Number(body.first_index) + 1 },
    });
    const serials = await servedSerials();
    for (const { serial_number } of mine) expect(serials).toContain(serial_number);
    expect(serials).not.toContain(other.serial_number);
    const contexts = await query(database.superuserUrl, 'SELECT context FROM ct.private_context WHERE idx >= $1', [
      body.first_index,
    ]);
    expect(contexts.map((row) => JSON.parse(String(row['context'])) as unknown)).toEqual([context, context]);
  });

  it('is idempotent, and refuses a confirmation of other certificates', async () => {
    const user = randomUUID();
    const { fingerprint } = await issueTo({ user_id: user });
    const confirmation = await confirmationFor(user);
    const { fingerprint: later } = await issueTo({ user_id: user });
    const refused = await revoke({ user, confirmation }).expect(409);
    expect(refused.body).toMatchObject({
      code: 'revocation_set_changed',
      detail: expect.stringContaining('2 would be'),
    });
    await expect(revoked([fingerprint, later])).resolves.toBe(0);
    const confirmed = await confirmationFor(user);
    await revoke({ user, confirmation: confirmed }).expect(200);
    const { body } = await revoke({ user, confirmation: confirmed }).expect(200);
    expect(body).toEqual({
      ...{ reason: 'cessation_of_operation', count: 2, newly_revoked: 0, crl: 'published' },
      ...{ first_index: null, last_index: null },
    });
    expect((await revoke({ user }).expect(200)).body).toMatchObject({ count: 0, newly_revoked: 0 });
  });

  it('goes by pre-shared key and by issuer as well', async () => {
    const psk = randomUUID().slice(0, 16);
    const certificates = [await issueTo({ psk_id: psk }), await issueTo({ user_id: randomUUID() })];
    expect((await revoke({ psk }).expect(200)).body).toMatchObject({ count: 1, newly_revoked: 1 });
    const [row] = await query(
      database.superuserUrl,
      "SELECT encode(issuer, 'hex') AS issuer FROM ct.certificate LIMIT 1",
    );
    const { body } = await revoke({ issuer: row?.['issuer'], reason: 'ca_compromise' }).expect(200);
    expect(body.newly_revoked).toBeGreaterThan(0);
    await expect(revoked(certificates.map(({ fingerprint }) => fingerprint))).resolves.toBe(2);
  });

  it.each(['certificate_hold', 'remove_from_crl'])('refuses %s and says why', async (reason) => {
    const { body } = await revoke({ user: randomUUID(), reason }).expect(422);
    expect(body.detail).toMatch(/a revoked certificate stays revoked/);
  });

  it.each([
    ['two of them', { user: randomUUID(), psk: 'x' }],
    ['one and many', { user: randomUUID(), fingerprint: 'ab'.repeat(32) }],
    ['nonsense', { user: 'ada' }],
    ['nobody', {}],
    ['null for somebody', { user: null }],
    ['null for a confirmation', { user: randomUUID(), confirmation: null }],
  ])('refuses %s', async (_what, body) => {
    await revoke(body).expect(422);
  });

  it.each<[string, (answer: AppendedRevocations) => AppendedRevocations]>([
    [
      'names another certificate',
      (answer) => ({ ...answer, revoked: answer.revoked.map((one) => ({ ...one, fingerprint: 'ab'.repeat(32) })) }),
    ],
    ['leaves one out', (answer) => ({ ...answer, revoked: answer.revoked.slice(1) })],
    ['gives another time', (answer) => ({ ...answer, logged_at: '2026-01-01T00:00:00.000Z' })],
    ['gives another salt', (answer) => ({ ...answer, context_salt: Buffer.alloc(32).toString('base64') })],
    ['gives another tree before', (answer) => ({ ...answer, frontier: answer.frontier.replace(/^.{8}/, 'AAAAAAAA') })],
    ['gives no tree before', (answer) => ({ ...answer, frontier: '' })],
    ['gives no checkpoint', (answer) => ({ ...answer, checkpoint: null })],
    [
      'gives a checkpoint of another log',
      (answer) => ({ ...answer, checkpoint: 'log.example\n1\nAAAA\n\n— log.example AAAA\n' }),
    ],
  ])('believes no log that %s', async (_what, falsify) => {
    const user = randomUUID();
    await issueTo({ user_id: user });
    await issueTo({ user_id: user });
    const real = service.get(CertificateLog);
    const original = real.revokeMany.bind(real);
    jest.spyOn(real, 'revokeMany').mockImplementationOnce(async (entry) => {
      const outcome = await original(entry);
      return outcome.known ? outcome : falsify(outcome);
    });
    const { body } = await revoke({ user, context: { actor: 'user:4711' } }).expect(503);
    expect(body.code).toBe('log_receipt_not_verified');
  });

  it('answers 503 and revokes nothing while the log is away', async () => {
    const away = await startLog(database, { signer: log.signer });
    const alone = await SigningService.start(
      logVariables(await pki.directory(), away.url, WRITER_KEY, log.signer.verifier),
    );
    try {
      const user = randomUUID();
      const { fingerprint } = await issueTo({ user_id: user });
      await away.close();
      const { headers } = await alone
        .call('post', '/api/v1/revocations')
        .send({ user, reason: 'superseded' })
        .expect(503);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      await expect(revoked([fingerprint])).resolves.toBe(0);
    } finally {
      await alone.stop();
    }
  });
});
