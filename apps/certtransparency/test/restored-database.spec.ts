import { readFileSync, writeFileSync } from 'node:fs';
import request from 'supertest';
import { AnchoredLog } from './anchor-fixture';
import type { RunningLog } from './log-fixture';

let log: AnchoredLog;

beforeEach(async () => {
  log = await AnchoredLog.create();
});

afterEach(() => log.destroy());

/** Appends on a service that is started for it alone. */
async function appendAndStop(count: number, anchor?: string): Promise<void> {
  await log.appendSome(await log.start(anchor), count);
  await log.stop();
}

/** Nothing is signed, and that is said: to callers, to the load balancer, at the checkpoint. */
async function expectRefusal(of: RunningLog, code: string): Promise<void> {
  const before = await log.size();
  const refused = await log.append(of);
  expect(refused).toMatchObject({ status: 503, body: { code } });
  expect(refused.headers['retry-after']).toBeDefined();
  expect((await request(of.url).get('/checkpoint')).body).toMatchObject({ code });
  expect(await log.readiness(of)).toBe('failed');
  expect(await log.size()).toBe(before);
}

/** As a superuser who stops at nothing. */
async function tamper(tables: readonly string[], sql: string): Promise<void> {
  const guards = ['before_ddl', 'on_drop', 'on_ddl'].map((name) => `DROP EVENT TRIGGER ct_guard_${name}`);
  const triggers = tables.map((table) => `ALTER TABLE ct.${table} DISABLE TRIGGER ALL`);
  await log.query([...guards, ...triggers, sql].join('; '));
}

describe('a database without what has been shown', () => {
  it('gets no signature when it was restored from a backup', async () => {
    await appendAndStop(2);
    const backup = await log.backUp();
    await appendAndStop(2);
    await log.restore(backup);
    await expectRefusal(await log.start(), 'log_behind_anchor');
  });

  it('gets none when it is restored under a running service either', async () => {
    await appendAndStop(2);
    const backup = await log.backUp();
    const running = await log.start();
    await log.appendSome(running, 2);
    await log.restore(backup);
    await expectRefusal(running, 'log_behind_anchor');
  });

  it('gets none when it is new', async () => {
    await appendAndStop(2);
    await log.replaceByEmpty();
    await expectRefusal(await log.start(), 'log_behind_anchor');
  });

  it('gets none when its end was cut off', async () => {
    await appendAndStop(4);
    const tables = ['entry', 'identity', 'certificate'];
    const cut = tables.map((table) => `DELETE FROM ct.${table} WHERE idx >= 3`);
    await tamper([...tables, 'checkpoint'], `${cut.join(';')}; DELETE FROM ct.checkpoint WHERE size > 3`);
    await expectRefusal(await log.start(), 'log_behind_anchor');
  });

  it('gets none when it has grown another way since', async () => {
    await appendAndStop(2);
    const backup = await log.backUp();
    await appendAndStop(2);
    await log.restore(backup);
    await appendAndStop(3, 'elsewhere');
    await expectRefusal(await log.start(), 'log_contradicts_anchor');
  });

  it('gets none when its tree is not the one beneath the checkpoint', async () => {
    await appendAndStop(5);
    const old = readFileSync(log.file());
    await appendAndStop(1);
    writeFileSync(log.file(), old);
    const leaf = 'set_byte(leaf, 200, 1 # get_byte(leaf, 200))';
    const hash = `sha256('\\x00'::bytea || ${leaf})`;
    await tamper(['entry'], `UPDATE ct.entry SET leaf = ${leaf}, leaf_hash = ${hash} WHERE idx = 1`);
    await expectRefusal(await log.start(), 'log_contradicts_anchor');
  });

  it('takes entries again once the right one is back', async () => {
    await appendAndStop(2);
    const old = await log.backUp();
    await appendAndStop(2);
    const right = await log.backUp();
    await log.restore(old);
    const running = await log.start();
    await expectRefusal(running, 'log_behind_anchor');
    await log.restore(right);
    expect(await log.append(running)).toMatchObject({ status: 201, body: { index: 4 } });
    expect(await log.readiness(running)).toBe('ok');
  });
});
