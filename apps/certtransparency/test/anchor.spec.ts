import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readiness, StartError } from '@libs/http';
import { generateNoteKey, openCheckpoint, parseReceipt } from '@libs/tlog';
import request from 'supertest';
import { issuedEntry, TestIssuer } from './certificate-fixture';
import {
  type LogDatabaseFixture,
  migratedLogDatabase,
  query,
  type RunningLog,
  startLog,
  WRITER_KEY,
} from './log-fixture';

const signer = generateNoteKey('log.test/anchor');
let database: LogDatabaseFixture;
let folder: string;
let issuer: TestIssuer;
let log: RunningLog | undefined;

beforeAll(async () => {
  issuer = await TestIssuer.create();
});

beforeEach(async () => {
  database = await migratedLogDatabase();
  folder = mkdtempSync(join(tmpdir(), 'ovpn-anchor-'));
});

afterEach(async () => {
  await log?.close();
  log = undefined;
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name = 'anchor') => join(folder, name);
const anchored = (name?: string) => openCheckpoint(readFileSync(file(name), 'utf8'), [signer.verifier]);

async function start(anchor = file()): Promise<RunningLog> {
  log = await startLog(database, { signer, variables: { CT_ANCHOR_FILE: anchor } });
  return log;
}

async function stop(): Promise<void> {
  await log?.close();
  log = undefined;
}

async function append(to: RunningLog): Promise<request.Response> {
  return request(to.url)
    .post('/api/v1/entries')
    .set('Authorization', `Bearer ${WRITER_KEY}`)
    .send(issuedEntry(await issuer.certificate()));
}

async function appendSome(to: RunningLog, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) expect((await append(to)).status).toBe(201);
}

const isReady = async (of: RunningLog) => (await of.app.get(Readiness, { strict: false }).report()).checks['anchor'];

async function size(): Promise<number> {
  const [row] = await query(database.superuserUrl, 'SELECT count(*) FROM ct.entry');
  return Number(row?.['count']);
}

/** Nothing is signed, and that is said: to callers, to the load balancer, at the checkpoint. */
async function expectRefusal(of: RunningLog, code: string): Promise<void> {
  const before = await size();
  const refused = await append(of);
  expect(refused).toMatchObject({ status: 503, body: { code } });
  expect(refused.headers['retry-after']).toBeDefined();
  expect((await request(of.url).get('/checkpoint')).body).toMatchObject({ code });
  expect(await isReady(of)).toBe('failed');
  expect(await size()).toBe(before);
}

let backups = 0;

/** A copy of the log's database as it is now. */
async function backUp(): Promise<string> {
  const name = databaseName();
  const backup = `${name}_backup${(backups += 1)}`;
  await query(server(), `CREATE DATABASE ${backup} TEMPLATE ${name}`);
  return backup;
}

/** Puts a copy in the place of the database, whoever is connected to it. */
async function restore(backup: string): Promise<void> {
  const name = databaseName();
  await query(server(), `DROP DATABASE ${name} WITH (FORCE)`);
  await query(server(), `ALTER DATABASE ${backup} RENAME TO ${name}`);
}

const databaseName = () => new URL(database.superuserUrl).pathname.slice(1);

function server(): string {
  const url = new URL(database.superuserUrl);
  url.pathname = '/postgres';
  return url.toString();
}

describe('the anchor', () => {
  it('states what a receipt proves before the receipt is out', async () => {
    const running = await start();
    for (let count = 1; count <= 12; count += 1) {
      const { body } = await append(running);
      expect(readFileSync(file(), 'utf8')).toBe(parseReceipt(String(body.receipt)).checkpoint);
      expect(anchored().size).toBe(count);
    }
    expect(await isReady(running)).toBe('ok');
    expect(readdirSync(folder)).toEqual(['anchor']);
  });

  it('is not run ahead of by a checkpoint that another replica has committed', async () => {
    const running = await start(file('ours'));
    const other = await startLog(database, { signer, variables: { CT_ANCHOR_FILE: file('theirs') } });
    await appendSome(other, 3);
    await request(running.url).get('/checkpoint').expect(200);
    expect(anchored('ours').size).toBe(3);
    await other.close();
  });

  it('never refuses after a crash between commit and anchor, and catches up', async () => {
    const crashing = await start();
    await appendSome(crashing, 2);
    const old = readFileSync(file());
    await appendSome(crashing, 3);
    await stop();
    writeFileSync(file(), old);
    const again = await start();
    expect(anchored().size).toBe(5);
    await appendSome(again, 1);
  });

  it('may be missing: then the log is trusted as it is found', async () => {
    await appendSome(await start(), 2);
    await stop();
    rmSync(file());
    await appendSome(await start(), 1);
    expect(anchored().size).toBe(3);
  });

  it('may be shared by replicas, and is left where the newest put it', async () => {
    const replicas = [await start(), await startLog(database, { signer, variables: { CT_ANCHOR_FILE: file() } })];
    await Promise.all(replicas.map((replica) => appendSome(replica, 10)));
    expect(anchored().size).toBe(20);
    for (const replica of replicas) expect(await isReady(replica)).toBe('ok');
    await replicas[1]?.close();
  });

  it('holds an append back while it cannot be written, and lets it go afterwards', async () => {
    const running = await start(file('deep/anchor'));
    await appendSome(running, 1);
    rmSync(file('deep'), { recursive: true });
    writeFileSync(file('deep'), 'in the way');
    const entry = issuedEntry(await issuer.certificate());
    const post = () =>
      request(running.url).post('/api/v1/entries').set('Authorization', `Bearer ${WRITER_KEY}`).send(entry);
    expect(await post()).toMatchObject({ status: 503, body: { code: 'log_unavailable' } });
    expect(await isReady(running)).toBe('failed');
    // The one that was committed was not shown; nothing more is committed on top of it.
    expect(await post()).toMatchObject({ status: 503 });
    expect(await size()).toBe(2);
    rmSync(file('deep'));
    mkdirSync(file('deep'));
    expect(await post()).toMatchObject({ status: 200, body: { known: true, index: 1 } });
    expect(anchored('deep/anchor').size).toBe(2);
    expect(await isReady(running)).toBe('ok');
  });
});

describe('a database without what has been shown', () => {
  it('gets no signature when it was restored from a backup', async () => {
    await appendSome(await start(), 2);
    await stop();
    const backup = await backUp();
    await appendSome(await start(), 2);
    await stop();
    await restore(backup);
    await expectRefusal(await start(), 'log_behind_anchor');
  });

  it('gets none when it is restored under a running service either', async () => {
    await appendSome(await start(), 2);
    await stop();
    const backup = await backUp();
    const running = await start();
    await appendSome(running, 2);
    await restore(backup);
    await expectRefusal(running, 'log_behind_anchor');
  });

  it('gets none when it is new', async () => {
    await appendSome(await start(), 2);
    await stop();
    await database.drop();
    database = await migratedLogDatabase();
    await expectRefusal(await start(), 'log_behind_anchor');
  });

  it('gets none when its end was cut off', async () => {
    await appendSome(await start(), 4);
    await stop();
    const cut = ['entry', 'identity', 'certificate'].map((table) => `DELETE FROM ct.${table} WHERE idx >= 3`);
    await query(
      database.superuserUrl,
      `DROP EVENT TRIGGER ct_guard_before_ddl; DROP EVENT TRIGGER ct_guard_on_drop; DROP EVENT TRIGGER ct_guard_on_ddl;
       ${['entry', 'identity', 'certificate', 'checkpoint'].map((table) => `ALTER TABLE ct.${table} DISABLE TRIGGER ALL`).join(';')};
       ${cut.join(';')}; DELETE FROM ct.checkpoint WHERE size > 3`,
    );
    await expectRefusal(await start(), 'log_behind_anchor');
  });

  it('gets none when it has grown another way since', async () => {
    await appendSome(await start(), 2);
    await stop();
    const backup = await backUp();
    await appendSome(await start(), 2);
    await stop();
    await restore(backup);
    await appendSome(await start(file('elsewhere')), 3);
    await stop();
    await expectRefusal(await start(), 'log_contradicts_anchor');
  });

  it('gets none when its tree is not the one beneath the checkpoint', async () => {
    await appendSome(await start(), 5);
    await stop();
    const old = readFileSync(file());
    await appendSome(await start(), 1);
    await stop();
    writeFileSync(file(), old);
    await query(
      database.superuserUrl,
      `DROP EVENT TRIGGER ct_guard_before_ddl; DROP EVENT TRIGGER ct_guard_on_drop; DROP EVENT TRIGGER ct_guard_on_ddl;
       ALTER TABLE ct.entry DISABLE TRIGGER ALL;
       UPDATE ct.entry SET leaf = set_byte(leaf, 200, 1 # get_byte(leaf, 200)),
         leaf_hash = sha256('\\x00'::bytea || set_byte(leaf, 200, 1 # get_byte(leaf, 200))) WHERE idx = 1`,
    );
    await expectRefusal(await start(), 'log_contradicts_anchor');
  });

  it('takes entries again once the right one is back', async () => {
    await appendSome(await start(), 2);
    await stop();
    const old = await backUp();
    await appendSome(await start(), 2);
    await stop();
    const right = await backUp();
    await restore(old);
    const running = await start();
    await expectRefusal(running, 'log_behind_anchor');
    await restore(right);
    expect(await append(running)).toMatchObject({ status: 201, body: { index: 4 } });
    expect(await isReady(running)).toBe('ok');
  });
});

describe('an anchor that is none', () => {
  it.each([
    ['of another key', () => readFileSync(file('other'), 'utf8')],
    ['cut short', () => readFileSync(file(), 'utf8').slice(0, 40)],
    ['empty', () => ''],
    ['with a flipped bit', () => readFileSync(file(), 'utf8').replace(/\n\d+\n/, '\n9\n')],
  ])('keeps the service from starting: %s', async (_, content) => {
    await appendSome(await start(), 1);
    await stop();
    const elsewhere = await migratedLogDatabase();
    const other = await startLog(elsewhere, { variables: { CT_ANCHOR_FILE: file('other') } });
    await appendSome(other, 1);
    await other.close();
    await elsewhere.drop();
    writeFileSync(file(), content());
    await expect(start()).rejects.toThrow(StartError);
    await expect(start()).rejects.toThrow(/CT_ANCHOR_FILE/);
  });

  it('is told from one of a key that signs no more', async () => {
    await appendSome(await start(), 1);
    await stop();
    const variables = { CT_ANCHOR_FILE: file() };
    const next = generateNoteKey(signer.name);
    await expect(startLog(database, { signer: next, variables })).rejects.toThrow(/CT_FORMER_VERIFIER_KEYS/);
    rmSync(file());
    await expect(startLog(database, { signer: next, variables })).rejects.toThrow(/CT_FORMER_VERIFIER_KEYS/);
  });
});
