import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateNoteKey, printVerifierKey, readCheckpointUnverified } from '@libs/tlog';
import { issuedEntry } from '../../apps/certtransparency/test/certificate-fixture';
import { type LogDatabaseFixture, migratedLogDatabase, query } from '../../apps/certtransparency/test/log-fixture';
import { LogService } from '../../apps/certtransparency/test/service-fixture';
import { run as exportRun } from '../../tools/ct-export/run';
import { run as verifyRun } from '../../tools/ct-verify/run';
import { buildGoVerifier } from '../golden/tlog/go-verifier';
import { loadLargeLog } from './support/large-log';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-export-'));
});

afterEach(() => rm(folder, { recursive: true }));

interface Outcome {
  readonly status: number;
  readonly output: string;
}

async function exportTo(directory: string, url: string): Promise<Outcome> {
  let output = '';
  const collect = (text: string) => (output += text);
  const environment = { NODE_ENV: 'test', CT_DATABASE_URL: url };
  const status = await exportRun([directory], { environment, stdout: collect, stderr: collect });
  return { status, output };
}

async function verify(directory: string, key: string): Promise<Outcome> {
  let output = '';
  const collect = (text: string) => (output += text);
  const status = await verifyRun(['export', directory, '--key', key], {
    environment: {},
    stdout: collect,
    stderr: collect,
  });
  return { status, output };
}

async function files(directory: string): Promise<Map<string, number>> {
  const paths = await readdir(directory, { recursive: true, withFileTypes: true });
  const times = paths
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(directory.length + 1), (await stat(path)).mtimeMs] as const;
    });
  return new Map(await Promise.all(times));
}

describe('an export of a log of 100,000 entries', () => {
  const signer = generateNoteKey('log.example/export');
  const key = printVerifierKey(signer.verifier);
  let database: LogDatabaseFixture;

  beforeAll(async () => {
    database = await migratedLogDatabase();
    await loadLargeLog(database.superuserUrl, signer, 100_000);
  });

  afterAll(() => database.drop());

  it('is walked by Go’s transparency log packages, which recompute root and proofs', async () => {
    expect(await exportTo(folder, database.readerUrl)).toEqual({
      status: 0,
      output: `${folder} holds the log of 100000 entries, 100000 of them new\n`,
    });
    const paths = [...(await files(folder)).keys()];
    // 390 full tiles of level 0 and a partial one, one full of level 1 and a partial one, one of level 2; entries; checkpoint.
    expect(paths).toHaveLength(391 * 2 + 2 + 1 + 1);
    const verifier = buildGoVerifier('verify_export');
    if (verifier === undefined) return;
    const walk = () => spawnSync(verifier, ['-key', key, folder], { encoding: 'utf8' });
    expect(walk()).toMatchObject({ status: 0, stdout: 'verified: 100000 entries\n' });
    for (const path of ['tile/entries/200', 'tile/0/300', 'tile/1/000', 'checkpoint']) {
      const sound = await readFile(join(folder, path));
      const changed = Buffer.from(sound);
      changed.writeUInt8(changed.readUInt8(40) ^ 1, 40);
      await writeFile(join(folder, path), changed);
      expect(walk().status).toBe(1);
      await writeFile(join(folder, path), sound);
    }
    expect(walk().status).toBe(0);
  });

  it('goes on where it was interrupted, and is a whole log until then', async () => {
    // A folder in the place of a file stops it in its second stride.
    const obstacle = join(folder, 'tile', '0', '300');
    await mkdir(join(obstacle, 'in the way'), { recursive: true });
    expect((await exportTo(folder, database.readerUrl)).status).toBe(1);
    const before = readCheckpointUnverified(await readFile(join(folder, 'checkpoint')));
    expect(before.size).toBe(50_000);
    await rm(obstacle, { recursive: true });
    expect((await exportTo(folder, database.readerUrl)).output).toContain('50000 of them new');
    const verifier = buildGoVerifier('verify_export');
    if (verifier !== undefined) expect(spawnSync(verifier, ['-key', key, folder]).status).toBe(0);
  });
});

describe('an export of a log that grows', () => {
  let service: LogService;
  let key: string;

  async function grow(entries: number): Promise<void> {
    const certificates = await Promise.all(Array.from({ length: entries }, () => service.issuer.certificate()));
    await Promise.all(certificates.map((certificate) => service.append(issuedEntry(certificate)).expect(201)));
  }

  beforeEach(async () => {
    service = await LogService.start();
    key = printVerifierKey(service.log.signer.verifier);
  });

  afterEach(() => service.stop());

  it('writes what is new, drops partial tiles once they are full, and verifies at every size', async () => {
    let total = 0;
    for (const entries of [1, 254, 1, 1, 300]) {
      await grow(entries);
      total += entries;
      const before = await files(folder);
      expect((await exportTo(folder, service.database.writerUrl)).output).toContain(`${entries} of them new`);
      expect(await verify(folder, key)).toMatchObject({ status: 0 });
      const after = await files(folder);
      for (const [path, time] of before)
        if (path !== 'checkpoint' && after.has(path)) expect(after.get(path)).toBe(time);
      const full = [...after.keys()].filter((path) => /^tile\/0\/\d{3}$/.test(path));
      expect(full).toHaveLength(Math.floor(total / 256));
      for (const path of full) expect([...after.keys()].some((other) => other.startsWith(`${path}.p/`))).toBe(false);
      expect([...after.keys()].filter((path) => path.split('/').at(-1)?.startsWith('.'))).toEqual([]);
    }
    const unchanged = await files(folder);
    expect((await exportTo(folder, service.database.writerUrl)).output).toContain('0 of them new');
    expect(await files(folder)).toEqual(unchanged);
  });

  it('is one state of the log, whatever is appended meanwhile', async () => {
    await grow(300);
    const [outcome] = await Promise.all([exportTo(folder, service.database.writerUrl), grow(400)]);
    expect(outcome.status).toBe(0);
    expect(await verify(folder, key)).toMatchObject({ status: 0 });
  });

  it('refuses a folder with another log, and one that is ahead of the database', async () => {
    await grow(3);
    await exportTo(folder, service.database.writerUrl);
    const other = await LogService.start();
    try {
      for (let i = 0; i < 5; i += 1) await other.issue();
      const refused = await exportTo(folder, other.database.writerUrl);
      expect(refused).toMatchObject({ status: 1 });
      expect(refused.output).toContain('holds another log');
      await writeFile(join(folder, 'checkpoint'), 'not a checkpoint');
      expect((await exportTo(folder, service.database.writerUrl)).output).toContain('cannot be read');
    } finally {
      await other.stop();
    }
  });

  it.each([
    ['entry 1 of the database is not the one that was logged', 'leaf = set_byte(leaf, 60, 0)'],
    ['lead to its checkpoint', 'leaf = set_byte(leaf, 60, 0), leaf_hash = ct.leaf_hash(set_byte(leaf, 60, 0))'],
  ])('says %s, and makes no checkpoint, when rows were changed', async (reason, change) => {
    await grow(3);
    await query(
      service.database.superuserUrl,
      `ALTER EVENT TRIGGER ct_guard_on_ddl DISABLE;
       ALTER EVENT TRIGGER ct_guard_on_drop DISABLE;
       ALTER TABLE ct.entry DISABLE TRIGGER ALL;
       ALTER TABLE ct.entry DROP CONSTRAINT entry_leaf_hash_check;
       UPDATE ct.entry SET ${change} WHERE idx = 1`,
    );
    const refused = await exportTo(folder, service.database.writerUrl);
    expect(refused.status).toBe(1);
    expect(refused.output).toContain(reason);
    expect([...(await files(folder)).keys()]).not.toContain('checkpoint');
  });
});

describe('an export that cannot be', () => {
  it('says why', async () => {
    const empty = await migratedLogDatabase();
    try {
      expect((await exportTo(folder, empty.readerUrl)).output).toBe('Not exported: the log is empty\n');
      const url = new URL(empty.superuserUrl);
      url.pathname = '/postgres';
      expect((await exportTo(folder, url.toString())).output).toBe(
        'Not exported: the database holds no certificate log\n',
      );
    } finally {
      await empty.drop();
    }
    let output = '';
    const stderr = (text: string) => (output += text);
    const surroundings = { environment: { NODE_ENV: 'production' }, stdout: stderr, stderr };
    expect(await exportRun([folder], surroundings)).toBe(1);
    expect(output).toContain('CT_DATABASE_URL');
    expect(await exportRun([], surroundings)).toBe(1);
    expect(await exportRun(['--help'], surroundings)).toBe(0);
    expect(await exportRun(['--fast', folder], surroundings)).toBe(1);
  });
});
