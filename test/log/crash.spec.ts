import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEntry } from '@libs/contracts';
import { type EmbeddedPostgres, startPostgres } from '@libs/development';
import { decodeLeaf, generateNoteKey, leafHash, openCheckpoint, parseReceipt, verifyInclusion } from '@libs/tlog';
import { issuedEntry, TestIssuer } from '../../apps/certtransparency/test/certificate-fixture';
import { type LogDatabaseFixture, migratedLogDatabase, query } from '../../apps/certtransparency/test/log-fixture';
import { type History, readHistory } from './support/history';
import { Replica } from './support/replica';
import { type Acknowledged, Submissions } from './support/submissions';

const APPENDS = 50_000;
const IN_FLIGHT = 48;
/** After so many acknowledgements something is killed: a replica and the database in turn. */
const BETWEEN_CRASHES = 5_000;

const signer = generateNoteKey('log.test/crash');
let folder: string;
let postgres: EmbeddedPostgres;
let database: LogDatabaseFixture;
let submissions: Submissions;
const replicas: Replica[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ovpn-crash-'));
  chmodSync(folder, 0o755);
  postgres = await startServer(0);
  database = await migratedLogDatabase(postgres.url);
  // Two share an anchor, the third has its own.
  for (const name of ['shared', 'shared', 'own']) {
    replicas.push(await Replica.start({ database, signer, anchorFile: join(folder, name) }));
  }
  submissions = new Submissions(replicas.map(({ url }) => url));
});

afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  await submissions.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function startServer(port: number): Promise<EmbeddedPostgres> {
  return startPostgres({ dataDirectory: join(folder, 'data'), port, durable: true });
}

/** What `pg_ctl stop -m immediate` does: no checkpoint, no farewell; the next start recovers from the write-ahead log. */
async function stopImmediately(): Promise<void> {
  const pid = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
  process.kill(pid, 'SIGQUIT');
  while (isAlive(pid)) await sleep(20);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function crash(turn: number): Promise<void> {
  if (turn % 2 === 0) {
    const replica = replicas[(turn / 2) % replicas.length];
    await replica?.kill();
    await replica?.run();
    return;
  }
  await stopImmediately();
  postgres = await startServer(postgres.port);
}

/** Crashes something whenever enough has been acknowledged since the last time; answers how often. */
async function crashAlongside(isOver: () => boolean): Promise<number> {
  let crashes = 0;
  while (!isOver()) {
    if (submissions.acknowledged.length >= (crashes + 1) * BETWEEN_CRASHES) {
      await crash(crashes);
      crashes += 1;
    }
    await sleep(10);
  }
  return crashes;
}

function expectAcknowledged(history: History, { entry, index, receipt }: Acknowledged): void {
  const leaf = history.leaves[index];
  if (leaf === undefined || entry.type !== 'issued') throw new Error(`acknowledged entry ${String(index)} is missing`);
  const decoded = decodeLeaf(leaf);
  if (decoded.type !== 'issued' || decoded.der.toString('base64') !== entry.certificate) {
    throw new Error(`entry ${String(index)} is another one than was acknowledged`);
  }
  const { index: proven, proof, checkpoint } = parseReceipt(receipt);
  const { size, root } = shown(checkpoint);
  if (!history.rootOf(size).equals(root)) throw new Error(`the log forked before size ${String(size)}`);
  verifyInclusion({ index: proven, size, leafHash: leafHash(leaf), proof, root });
  if (proven !== index) throw new Error(`the receipt of entry ${String(index)} is for another`);
}

/** Each note is verified once: many receipts share one. */
const opened = new Map<string, ReturnType<typeof openCheckpoint>>();
function shown(note: string): ReturnType<typeof openCheckpoint> {
  const known = opened.get(note) ?? openCheckpoint(note, [signer.verifier]);
  opened.set(note, known);
  return known;
}

describe('three replicas through crashes of themselves and of the database', () => {
  it('lose nothing that was acknowledged, leave no gap, and never fork', async () => {
    const issuer = await TestIssuer.create();
    let made = 0;
    let isOver = false;
    const next = async (): Promise<LogEntry | undefined> =>
      (made += 1) > APPENDS ? undefined : issuedEntry(await issuer.certificate());
    const crashes = crashAlongside(() => isOver);
    await submissions.run(IN_FLIGHT, next).finally(() => (isOver = true));
    expect(await crashes).toBeGreaterThanOrEqual(APPENDS / BETWEEN_CRASHES - 2);
    // They were felt: connections broke, and the log said so when it could.
    expect(submissions.refusals.size).toBeGreaterThan(0);

    const history = await readHistory(database.superuserUrl, signer.verifier);
    expect(history.leaves).toHaveLength(APPENDS);
    expect(submissions.acknowledged).toHaveLength(APPENDS);
    for (const acknowledged of submissions.acknowledged) expectAcknowledged(history, acknowledged);
    expect(new Set(submissions.acknowledged.map(({ index }) => index)).size).toBe(APPENDS);
    for (const { size, root } of history.checkpoints) expect(history.rootOf(size)).toEqual(root);
    expect(history.checkpoints.at(-1)?.size).toBe(APPENDS);
  });

  it('are ready afterwards, with an anchor that the database has reached', async () => {
    for (const replica of replicas) await replica.run();
    for (const name of ['shared', 'own']) {
      const { size, root } = openCheckpoint(readFileSync(join(folder, name)), [signer.verifier]);
      expect(size).toBeGreaterThan(0);
      const rows = await query(database.superuserUrl, 'SELECT root FROM ct.checkpoint WHERE size = $1', [size]);
      expect(rows).toEqual([{ root }]);
    }
  });
});
