import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  decodeLeaf,
  type Ed25519Signer,
  generateNoteKey,
  openCheckpoint,
  parseNote,
  parseReceipt,
  printVerifierKey,
  rebuildLeaf,
  verifyReceipt,
} from '@libs/tlog';
import { AuditLog } from '../src/audit/audit-log';
import { issuedEntry, TestIssuer } from './certificate-fixture';
import { type LogDatabaseFixture, migratedLogDatabase, query, type RunningLog, startLog } from './log-fixture';

const old = generateNoteKey('log.test/rotation');
const next = generateNoteKey('log.test/rotation');
let database: LogDatabaseFixture;
let folder: string;
let issuer: TestIssuer;
const running: RunningLog[] = [];

beforeAll(async () => {
  issuer = await TestIssuer.create();
});

beforeEach(async () => {
  database = await migratedLogDatabase();
  folder = mkdtempSync(join(tmpdir(), 'ovpn-rotation-'));
});

afterEach(async () => {
  await stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(signer: Ed25519Signer, variables: Record<string, string> = {}): Promise<RunningLog> {
  const log = await startLog(database, { signer, variables: { CT_ANCHOR_FILE: join(folder, 'anchor'), ...variables } });
  running.push(log);
  return log;
}

const rotating = { CT_NEXT_CHECKPOINT_KEY: next.printPrivateKey() };

async function stop(): Promise<void> {
  await Promise.all(running.splice(0).map((log) => log.close()));
}

async function append(log: RunningLog) {
  const certificate = await issuer.certificate();
  const { receipt } = await log.app.get(AuditLog, { strict: false }).append(issuedEntry(certificate));
  return { der: certificate.der, receipt: parseReceipt(receipt) };
}

/** The keys that a log has announced, in order, once there are so many. */
async function announced(count: number): Promise<string[]> {
  for (let i = 0; i < 100; i += 1) {
    const rows = await query(
      database.superuserUrl,
      'SELECT leaf FROM ct.entry e JOIN ct.identity i USING (idx) WHERE i.kind = 4 ORDER BY idx',
    );
    if (rows.length < count) {
      await sleep(50);
      continue;
    }
    return rows.map(({ leaf }) => {
      const decoded = decodeLeaf(leaf as Buffer);
      return decoded.type === 'key_rotation' ? decoded.verifierKey : '';
    });
  }
  throw new Error('the keys were not announced');
}

const signersOf = (note: string) => parseNote(note).signatures.map(({ keyId }) => keyId);

describe('a key rotation', () => {
  it('signs by either key while it lasts, then by the new one, and no history breaks', async () => {
    const before = await append(await start(old));
    expect(signersOf(before.receipt.checkpoint)).toEqual([old.keyId]);
    await stop();

    const during = await append(await start(old, rotating));
    expect(signersOf(during.receipt.checkpoint)).toEqual([old.keyId, next.keyId]);
    for (const key of [old, next]) {
      const rebuild = (extra: Buffer | undefined) => rebuildLeaf(extra ?? Buffer.of(), during.der);
      expect(verifyReceipt(during.receipt, rebuild, [key.verifier]).leaf.length).toBeGreaterThan(0);
    }
    await stop();

    const after = await append(await start(next));
    expect(signersOf(after.receipt.checkpoint)).toEqual([next.keyId]);
    expect(openCheckpoint(after.receipt.checkpoint, [next.verifier]).size).toBe(4);
  });

  it('is announced in the log once, by however many replicas and restarts', async () => {
    await append(await start(old));
    await stop();
    await Promise.all([1, 2, 3].map(() => start(old, rotating)));
    expect(await announced(1)).toEqual([printVerifierKey(next.verifier)]);
    await stop();
    await append(await start(old, rotating));
    await sleep(200);
    expect(await announced(1)).toEqual([printVerifierKey(next.verifier)]);
  });

  it('begins with the first entry of a log as well', async () => {
    await start(old, rotating);
    expect(await announced(1)).toEqual([printVerifierKey(next.verifier)]);
    const [row] = await query(database.superuserUrl, 'SELECT note FROM ct.checkpoint WHERE size = 1');
    expect(signersOf(String(row?.['note']))).toEqual([old.keyId, next.keyId]);
  });

  it('needs both keys in turn, or the word that the old one is lost', async () => {
    await append(await start(old));
    await stop();
    await expect(start(next)).rejects.toThrow(/CT_FORMER_VERIFIER_KEYS/);
    const lost = { CT_FORMER_VERIFIER_KEYS: printVerifierKey(old.verifier) };
    const { receipt } = await append(await start(next, lost));
    expect(signersOf(receipt.checkpoint)).toEqual([next.keyId]);
    await stop();
    await append(await start(next));
  });

  it.each([
    ['of another name', generateNoteKey('log.test/other').printPrivateKey(), /name/],
    ['that is the current one', old.printPrivateKey(), /same key/],
    ['that is none', 'PRIVATE+KEY+no', /CT_NEXT_CHECKPOINT_KEY/],
  ])('is refused with a key %s', async (_, key, message) => {
    await expect(start(old, { CT_NEXT_CHECKPOINT_KEY: key })).rejects.toThrow(message);
    await expect(start(old, { CT_NEXT_CHECKPOINT_KEY: key })).rejects.not.toThrow(key);
  });
});
