import { Metrics, Readiness } from '@libs/http';
import { type ParsedCrl, crlNumberOf, crlSerialNumbers, parseCrl, parsePem } from '@libs/pki';
import {
  type LogDatabaseFixture,
  type RunningLog,
  WRITER_KEY,
  migratedLogDatabase,
  query,
  startLog,
} from '../../certtransparency/test/log-fixture';
import { SigningService, TestPki, logVariables } from './support/signing-service';

/** Two replicas of signing on two replicas of the log: they share nothing but the log's database. */
let pki: TestPki;
let database: LogDatabaseFixture;
let logs: readonly RunningLog[];
let replicas: readonly [SigningService, SigningService];

beforeAll(async () => {
  pki = await TestPki.create();
  database = await migratedLogDatabase();
  const first = await startLog(database);
  logs = [first, await startLog(database, { signer: first.signer })];
  const replica = async (log = first) =>
    SigningService.start(logVariables(await pki.directory(), log.url, WRITER_KEY, log.signer.verifier));
  replicas = [await replica(logs[0]), await replica(logs[1])];
});

afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  await Promise.all(logs.map((log) => log.close()));
  await database.drop();
  await pki.remove();
});

interface Rebuilt {
  readonly number: number;
  readonly this_update: string;
}

async function rebuild(by: SigningService): Promise<Rebuilt> {
  return (await by.call('post', '/api/v1/crl').expect(200)).body;
}

async function served(by: SigningService): Promise<ParsedCrl> {
  const { text } = await by.call('get', '/api/v1/crl.pem').expect(200);
  return parseCrl(parsePem(text)[0]!.der);
}

/** What the log has of CRLs, in its own order: CRL numbers as they were published, and the times that belong to them. */
async function recorded(): Promise<{ published: number[]; allocated: { number: number; second: number }[] }> {
  // Type, time, issuer, two hashes, then the number: as far as all leaves go.
  const published = await query(
    database.superuserUrl,
    "SELECT ('x' || encode(substring(leaf FROM 114 FOR 8), 'hex'))::bit(64)::bigint::int AS number FROM ct.entry WHERE get_byte(leaf, 8) = 3 ORDER BY idx",
  );
  const allocated = await query(
    database.superuserUrl,
    'SELECT number::int, extract(epoch FROM this_update)::int AS second FROM ct_crl.crl_number ORDER BY number',
  );
  return {
    published: published.map(({ number }) => number as number),
    allocated: allocated as { number: number; second: number }[],
  };
}

const increases = (values: readonly number[]): boolean =>
  values.every((value, at) => at === 0 || value > (values[at - 1] ?? Infinity));

it('50 rebuilds in parallel on two replicas: numbers and times strictly increase, and each CRL was recorded once', async () => {
  const answers: Rebuilt[] = [];
  for (let round = 0; round < 5; round += 1) {
    const calls = Array.from({ length: 10 }, (_, n) => rebuild(replicas[n % 2] ?? replicas[0]));
    answers.push(...(await Promise.all(calls)));
  }
  expect(answers).toHaveLength(50);
  const { published, allocated } = await recorded();
  expect(allocated.map(({ number }) => number)).toEqual(allocated.map((_, at) => at + 1));
  expect(increases(allocated.map(({ second }) => second))).toBe(true);
  expect(new Set(published).size).toBe(published.length);
  const times = new Map(allocated.map(({ number, second }) => [number, second]));
  for (const { number, this_update } of answers) {
    expect(published).toContain(number);
    expect(Date.parse(this_update) / 1000).toBe(times.get(number));
  }
});

it('what a caller is answered for later is never an older CRL, on either replica', async () => {
  for (const replica of replicas) {
    const numbers: number[] = [];
    for (let n = 0; n < 6; n += 1) numbers.push((await rebuild(replica)).number);
    expect(increases(numbers)).toBe(true);
    expect(Number(crlNumberOf(await served(replica)))).toBe(numbers.at(-1));
  }
});

it('two revocations within a second, on two replicas: both stand on what either makes next, a second apart at least', async () => {
  const [first, second] = await Promise.all(replicas.map((replica) => replica.issued()));
  const before = (await served(replicas[0])).thisUpdate.getTime();
  const answers = await Promise.all([
    replicas[0].revoke(first!.fingerprint).expect(200),
    replicas[1].revoke(second!.fingerprint).expect(200),
  ]);
  expect(answers.map(({ body }) => body.crl)).toEqual(['published', 'published']);
  for (const replica of replicas) {
    await rebuild(replica);
    const crl = await served(replica);
    expect([...crlSerialNumbers(crl)]).toEqual(expect.arrayContaining([first!.serial_number, second!.serial_number]));
    expect(crl.thisUpdate.getTime() - before).toBeGreaterThanOrEqual(1_000);
  }
});

it('many revocations at once share CRLs, and all of them stand on the last', async () => {
  const issued = await Promise.all(Array.from({ length: 24 }, () => replicas[0].issued()));
  const before = (await recorded()).published.length;
  await Promise.all(issued.map(({ fingerprint }) => replicas[0].revoke(fingerprint).expect(200)));
  const listed = new Set(crlSerialNumbers(await served(replicas[0])));
  expect(issued.every(({ serial_number }) => listed.has(serial_number))).toBe(true);
  expect((await recorded()).published.length - before).toBeLessThanOrEqual(8);
});

it('operators see each CRL and how many certificates are revoked, and the service is ready', async () => {
  const metrics = await replicas[0].get(Metrics).registry.metrics();
  const value = (name: string, issuer: string): number =>
    Number(new RegExp(`^${name}\\{issuer="${issuer}"\\} (\\S+)`, 'm').exec(metrics)?.[1]);
  expect(value('signing_revoked_certificates', 'intermediate')).toBeGreaterThanOrEqual(26);
  expect(value('signing_crl_days_until_lockout', 'root')).toBeGreaterThan(80);
  expect(value('signing_crl_bytes', 'intermediate')).toBeGreaterThan(1_000);
  expect((await replicas[0].get(Readiness).report()).checks).toMatchObject({ crl: 'ok' });
});
