import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BULK_CONFIRMATION, type BulkRevocationOutcome, type BulkRevocationPreview } from '@libs/contracts';
import { Frontier, generateNoteKey, leafHash, openCheckpoint, printVerifierKey } from '@libs/tlog';
import request from 'supertest';
import { issuedEntry, TestIssuer } from '../../apps/certtransparency/test/certificate-fixture';
import {
  type LogDatabaseFixture,
  migratedLogDatabase,
  query,
  WRITER_KEY,
} from '../../apps/certtransparency/test/log-fixture';
import { loadLargeLog } from './support/large-log';
import { allRevoked } from './support/large-log.sql';
import { Replica } from './support/replica';

const issuer = randomBytes(32);
const issuerId = issuer.toString('hex');
const signer = generateNoteKey('log.example/bulk');
/** One entry in a thousand is a revocation. */
const shape = { ...allRevoked(issuer), revokedEvery: 1_000, revokedBack: 10 };
/** After the order has been sent; a bulk of ten thousand takes about a second. */
const KILLED_AFTER_MS = [20, 80, 150, 250, 400];

const folder = mkdtempSync(join(tmpdir(), 'ovpn-bulk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface FilledLog {
  readonly database: LogDatabaseFixture;
  readonly replica: Replica;
  readonly active: number;
}

async function filledLog(size: number): Promise<FilledLog> {
  const database = await migratedLogDatabase();
  await loadLargeLog(database.superuserUrl, signer, size, { shape });
  const replica = await Replica.start({ database, signer, anchorFile: join(folder, String(size)) });
  return { database, replica, active: size - (2 * size) / 1_000 };
}

const call = (log: FilledLog, method: 'get' | 'post', path: string) =>
  request(log.replica.url)[method](path).set('Authorization', `Bearer ${WRITER_KEY}`);
const preview = async (log: FilledLog) =>
  (await call(log, 'get', '/api/v1/revocations/bulk').query({ issuer: issuerId })).body as BulkRevocationPreview;
const order = (log: FilledLog, confirmation: string) =>
  call(log, 'post', '/api/v1/revocations/bulk').send({
    ...{ issuer: issuerId, reason: 'ca_compromise', revoked_at: new Date().toISOString(), confirmation },
    context: { actor: 'user:4711', comment: 'the key was stolen', request_id: 'request-4711' },
  });

/** Once whoever was writing is through: a server goes on with what a client that is dead by now has sent. */
async function revoked({ database }: FilledLog): Promise<number> {
  const lock = "SELECT pg_advisory_xact_lock(x'4f56504e4354'::bigint)";
  const [row] = await query(
    database.superuserUrl,
    `${lock}; SELECT count(*)::int AS n FROM ct.private_context WHERE entry_type = 2`,
  );
  return Number(row?.['n']);
}

/** The audit as it is built, since a thread of its own needs what is built. */
function expectClean({ database }: FilledLog): void {
  const main = join(__dirname, '../../dist/tools/ct-fsck/main.js');
  const { status, stdout } = spawnSync(process.execPath, [main, '--key', printVerifierKey(signer.verifier)], {
    env: { CT_DATABASE_URL: database.auditorUrl },
    encoding: 'utf8',
  });
  expect({ status, stdout }).toMatchObject({ status: 0 });
}

describe('a log that is killed while it revokes ten thousand in one piece', () => {
  let log: FilledLog;

  beforeAll(async () => {
    log = await filledLog(10_000);
  });
  afterAll(async () => {
    await log.replica.stop();
    await log.database.drop();
  });

  it('has revoked all of them or none, and the repetition of the order ends with all', async () => {
    const { confirmation, count } = await preview(log);
    expect(count).toBe(log.active);
    for (const delay of KILLED_AFTER_MS) {
      const sent = order(log, confirmation).then(
        () => undefined,
        () => undefined,
      );
      await sleep(delay);
      await log.replica.kill();
      await sent;
      expect([0, log.active]).toContain(await revoked(log));
      await log.replica.run();
    }
    expect((await order(log, confirmation)).status).toBe(200);
    await expect(revoked(log)).resolves.toBe(log.active);
    expectClean(log);
  });
});

describe('sixty-five thousand certificates', () => {
  let log: FilledLog;

  beforeAll(async () => {
    log = await filledLog(65_000);
  });
  afterAll(async () => {
    await log.replica.stop();
    await log.database.drop();
  });

  it('are revoked in one piece, and whoever issues meanwhile waits and is served', async () => {
    const { confirmation, count } = await preview(log);
    expect({ confirmation, count }).toEqual({
      confirmation: expect.stringMatching(BULK_CONFIRMATION),
      count: log.active,
    });
    const revoking = order(log, confirmation).then(({ body }) => body as BulkRevocationOutcome);
    const certificate = await (await TestIssuer.create()).certificate();
    const issuing = call(log, 'post', '/api/v1/entries').send(issuedEntry(certificate));
    const outcome = await revoking;
    expect((await issuing).status).toBe(201);
    if (outcome.known || outcome.checkpoint === null) throw new Error('nothing was revoked');
    expect(outcome.revoked).toHaveLength(log.active);
    const rows = await query(
      log.database.superuserUrl,
      'SELECT e.leaf FROM ct.revocation r JOIN ct.entry e USING (idx) WHERE r.idx >= $1 ORDER BY r.idx',
      [outcome.first_index],
    );
    const frontier = Frontier.deserialize(outcome.first_index, Buffer.from(outcome.frontier, 'base64'));
    for (const { leaf } of rows) frontier.append(leafHash(leaf as Buffer));
    const checkpoint = openCheckpoint(outcome.checkpoint, [signer.verifier]);
    expect({ size: frontier.size, root: frontier.root() }).toEqual({ size: checkpoint.size, root: checkpoint.root });
    expectClean(log);
  });
});
