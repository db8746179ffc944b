import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { StartError } from '@libs/http';
import { generateNoteKey, parseReceipt } from '@libs/tlog';
import request from 'supertest';
import { AnchoredLog } from './anchor-fixture';
import { migratedLogDatabase, startLog } from './log-fixture';

let log: AnchoredLog;

beforeEach(async () => {
  log = await AnchoredLog.create();
});

afterEach(() => log.destroy());

describe('the anchor', () => {
  it('states what a receipt proves before the receipt is out', async () => {
    const running = await log.start();
    for (let count = 1; count <= 12; count += 1) {
      const { body } = await log.append(running);
      expect(readFileSync(log.file(), 'utf8')).toBe(parseReceipt(String(body.receipt)).checkpoint);
      expect(log.anchored().size).toBe(count);
    }
    expect(await log.readiness(running)).toBe('ok');
    expect(readdirSync(log.file('.'))).toEqual(['anchor']);
  });

  it('states a checkpoint of another replica before it is shown', async () => {
    const running = await log.start('ours');
    await log.appendSome(await log.start('theirs'), 3);
    await request(running.url).get('/checkpoint').expect(200);
    expect(log.anchored('ours').size).toBe(3);
  });

  it('never refuses after a crash between commit and anchor, and catches up', async () => {
    const running = await log.start();
    await log.appendSome(running, 2);
    const old = readFileSync(log.file());
    await log.appendSome(running, 3);
    await log.stop();
    writeFileSync(log.file(), old);
    const again = await log.start();
    expect(log.anchored().size).toBe(5);
    await log.appendSome(again, 1);
  });

  it('may be missing: then the log is trusted as it is found', async () => {
    await log.appendSome(await log.start(), 2);
    await log.stop();
    rmSync(log.file());
    await log.appendSome(await log.start(), 1);
    expect(log.anchored().size).toBe(3);
  });

  it('may be shared by replicas, and is left where the newest put it', async () => {
    const replicas = [await log.start(), await log.start()];
    await Promise.all(replicas.map((replica) => log.appendSome(replica, 10)));
    expect(log.anchored().size).toBe(20);
    for (const replica of replicas) expect(await log.readiness(replica)).toBe('ok');
  });

  it('holds an append back while it cannot be written, and lets it go afterwards', async () => {
    const running = await log.start('deep/anchor');
    await log.appendSome(running, 1);
    rmSync(log.file('deep'), { recursive: true });
    writeFileSync(log.file('deep'), 'in the way');
    const entry = await log.entry();
    expect(await log.append(running, entry)).toMatchObject({ status: 503, body: { code: 'log_unavailable' } });
    expect(await log.readiness(running)).toBe('failed');
    // The one that was committed was not shown; nothing more is committed on top of it.
    expect(await log.append(running)).toMatchObject({ status: 503 });
    expect(await log.size()).toBe(2);
    rmSync(log.file('deep'));
    mkdirSync(log.file('deep'));
    expect(await log.append(running, entry)).toMatchObject({ status: 200, body: { known: true, index: 1 } });
    expect(log.anchored('deep/anchor').size).toBe(2);
    expect(await log.readiness(running)).toBe('ok');
  });
});

describe('an anchor that is none', () => {
  it.each([
    ['of another key', () => readFileSync(log.file('other'), 'utf8')],
    ['cut short', () => readFileSync(log.file(), 'utf8').slice(0, 40)],
    ['empty', () => ''],
    ['with a flipped bit', () => readFileSync(log.file(), 'utf8').replace(/\n\d+\n/, '\n9\n')],
  ])('keeps the service from starting: %s', async (_, content) => {
    await log.appendSome(await log.start(), 1);
    await log.stop();
    const elsewhere = await migratedLogDatabase();
    const other = await startLog(elsewhere, { variables: { CT_ANCHOR_FILE: log.file('other') } });
    await log.appendSome(other, 1);
    await other.close();
    await elsewhere.drop();
    writeFileSync(log.file(), content());
    await expect(log.start()).rejects.toThrow(StartError);
    await expect(log.start()).rejects.toThrow(/CT_ANCHOR_FILE/);
  });

  it('is told from one of a key that signs no more', async () => {
    await log.appendSome(await log.start(), 1);
    await log.stop();
    const next = generateNoteKey(log.signer.name);
    await expect(log.start('anchor', next)).rejects.toThrow(/CT_FORMER_VERIFIER_KEYS/);
    rmSync(log.file());
    await expect(log.start('anchor', next)).rejects.toThrow(/CT_FORMER_VERIFIER_KEYS/);
  });
});
