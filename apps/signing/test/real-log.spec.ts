import { crlEntries, crlNumberOf, onlyPemBlock, parseCrl, parsePem } from '@libs/pki';
import { parseReceipt, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import { randomUUID } from 'node:crypto';
import {
  type LogDatabaseFixture,
  type RunningLog,
  WRITER_KEY,
  migratedLogDatabase,
  query,
  startLog,
} from '../../certtransparency/test/log-fixture';
import { CrlPublisher } from '../src/crl/crl-publisher';
import { SigningService, TestPki, holdsCertificate, logVariables, userRequest } from './support/signing-service';

let pki: TestPki;
let database: LogDatabaseFixture;
let log: RunningLog;
let service: SigningService;
let replica: SigningService;

beforeAll(async () => {
  pki = await TestPki.create();
  database = await migratedLogDatabase();
  log = await startLog(database);
  const variables = async () => logVariables(await pki.directory(), log.url, WRITER_KEY, log.signer.verifier);
  service = await SigningService.start(await variables());
  replica = await SigningService.start(await variables());
});

afterAll(async () => {
  await Promise.all([service.stop(), replica.stop()]);
  await log.close();
  await database.drop();
  await pki.remove();
});

async function servedSerials(by: SigningService): Promise<string[]> {
  const { text } = await by.call('get', '/api/v1/crl.pem').expect(200);
  return parsePem(text).flatMap(({ der }) => [...crlEntries(parseCrl(der))].map(({ serialNumber }) => serialNumber));
}

describe('with a real log', () => {
  it.each([
    ['user', 'Ada Lovelace'],
    ['computer', 'build-17'],
    ['server', 'vpn.example.org'],
  ])('a %s certificate comes with a receipt that proves it', async (kind, name) => {
    const { body } = await service.issue({ ...(await userRequest(name)), kind }).expect(201);
    const der = onlyPemBlock(body.certificate, 'CERTIFICATE');
    const source = (extra: Buffer | undefined) => rebuildLeaf(extra ?? Buffer.alloc(0), der);
    expect(verifyReceipt(parseReceipt(body.receipt), source, [log.signer.verifier]).index).toBe(body.log_index);
  });

  it('every one of many certificates issued at once by two replicas stands in the log', async () => {
    const requests = await Promise.all(Array.from({ length: 40 }, () => userRequest()));
    const answers = await Promise.all(
      requests.map((body, n) => (n % 2 === 0 ? service : replica).issue(body).expect(201)),
    );
    const fingerprints = answers.map(({ body }) => body.fingerprint as string);
    const rows = await query(
      database.superuserUrl,
      "SELECT count(*)::int AS count FROM ct.certificate WHERE encode(fingerprint, 'hex') = ANY($1)",
      [fingerprints],
    );
    expect(rows).toEqual([{ count: 40 }]);
  });

  it('the same issuance on both replicas at once gives one certificate', async () => {
    const [key, body] = [randomUUID(), await userRequest()];
    const answers = await Promise.all([service.issue(body, key), replica.issue(body, key), replica.issue(body, key)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.body.fingerprint)).size).toBe(1);
  });

  it('a revoked certificate stands on the CRL, and stays there for the other replica', async () => {
    const context = { actor: 'user:4711' };
    const { fingerprint, serial_number } = await service.issued();
    const revocation = { fingerprint, reason: 'key_compromise', context };
    const { body } = await service.call('post', '/api/v1/revocations').send(revocation).expect(200);
    expect(body).toMatchObject({ newly_revoked: true, crl: 'published' });
    expect(await servedSerials(service)).toContain(serial_number);
    const again = await replica.revoke(fingerprint, 'superseded').expect(200);
    expect(again.body).toMatchObject({ newly_revoked: false, reason: 'key_compromise', crl: 'published' });
    expect(await servedSerials(replica)).toContain(serial_number);
    await replica.call('post', '/api/v1/crl').expect(200);
    expect(await servedSerials(replica)).toContain(serial_number);
  });

  it('CRL numbers and times strictly increase over both replicas', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? service : replica).call('post', '/api/v1/crl').expect(200)),
    );
    const crls = new Map(answers.map(({ body }) => [body.number as number, Date.parse(body.this_update as string)]));
    const times = [...crls.entries()].sort(([a], [b]) => a - b).map(([, time]) => time);
    for (let n = 1; n < times.length; n += 1)
      expect((times[n] ?? 0) - (times[n - 1] ?? 0)).toBeGreaterThanOrEqual(1000);
    expect(crlNumberOf(service.get(CrlPublisher).current!.parsed)).not.toBe(
      crlNumberOf(replica.get(CrlPublisher).current!.parsed),
    );
  });

  it('answers 503 and no certificate while the log is away', async () => {
    const away = await startLog(database, { signer: log.signer });
    const alone = await SigningService.start(
      logVariables(await pki.directory(), away.url, WRITER_KEY, log.signer.verifier),
    );
    try {
      await alone.issue(await userRequest()).expect(201);
      await away.close();
      const response = await alone.issue(await userRequest()).expect(503);
      expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
      expect(holdsCertificate(response)).toBe(false);
    } finally {
      await alone.stop();
    }
  });
});
