import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMigrations } from '@libs/database';
import { type EmbeddedPostgres, startPostgres } from '@libs/development';
import { Readiness } from '@libs/http';
import { generateNoteKey } from '@libs/tlog';
import request from 'supertest';
import { issuedEntry, TestIssuer } from '../../apps/certtransparency/test/certificate-fixture';
import {
  createLogDatabase,
  type LogDatabaseFixture,
  POOL,
  query,
  type RunningLog,
  startLog,
  WRITER_KEY,
} from '../../apps/certtransparency/test/log-fixture';
import { logDataSourceOptions } from '../../apps/certtransparency/src/database/data-source-options';
import { readHistory } from './support/history';
import { SmallDisk } from './support/small-disk';

const MEGABYTE = 1024 * 1024;
const WRITERS = 16;

const signer = generateNoteKey('log.test/full');
let folder: string;
let postgres: EmbeddedPostgres;
let disk: SmallDisk;
let database: LogDatabaseFixture;
let log: RunningLog;
let issuer: TestIssuer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ovpn-full-'));
  chmodSync(folder, 0o755);
  const dataDirectory = join(folder, 'data');
  postgres = await startPostgres({ dataDirectory, port: 0, durable: true });
  disk = SmallDisk.mount(96, dataDirectory);
  database = await createLogDatabase(postgres.url);
  const name = new URL(database.superuserUrl).pathname.slice(1);
  await query(postgres.url, `CREATE TABLESPACE small LOCATION '${disk.path}'`);
  await query(postgres.url, `ALTER DATABASE ${name} SET TABLESPACE small`);
  await runMigrations(logDataSourceOptions(database.migratorUrl, POOL));
  log = await startLog(database, { signer, variables: { CT_ANCHOR_FILE: join(folder, 'anchor') } });
  issuer = await TestIssuer.create();
});

afterAll(async () => {
  // Where the set-up failed half-way there is less to take down.
  const end = async (stop: () => unknown) => Promise.resolve(stop()).catch(() => undefined);
  await end(async () => log.close());
  await end(async () => postgres.stop());
  await end(() => {
    disk.unmount();
  });
  rmSync(folder, { recursive: true, force: true });
});

const append = async () =>
  request(log.url)
    .post('/api/v1/entries')
    .set('Authorization', `Bearer ${WRITER_KEY}`)
    .send(issuedEntry(await issuer.certificate(), { comment: 'x'.repeat(400) }));

/** Appends until one is refused; answers the refusal and how many were acknowledged. */
async function appendUntilRefused(): Promise<{ refusal: request.Response; acknowledged: number }> {
  let acknowledged = 0;
  for (;;) {
    const answers = await Promise.all(Array.from({ length: WRITERS }, append));
    acknowledged += answers.filter(({ status }) => status === 201).length;
    const refusal = answers.find(({ status }) => status !== 201);
    if (refusal !== undefined) return { refusal, acknowledged };
  }
}

async function counts(): Promise<Record<string, unknown> | undefined> {
  const [row] = await query(
    database.superuserUrl,
    `SELECT (SELECT count(*)::int FROM ct.entry) AS entries, (SELECT count(*)::int FROM ct.identity) AS identities,
       (SELECT count(*)::int FROM ct.certificate) AS certificates, (SELECT count(*)::int FROM ct.private_context) AS contexts,
       (SELECT max(size)::int FROM ct.checkpoint) AS size`,
  );
  return row;
}

describe('a full disk', () => {
  it('is a clear error, leaves no partial batch, and is over when there is room again', async () => {
    expect((await append()).status).toBe(201);
    for (let round = 0; round < 2; round += 1) {
      disk.fill(MEGABYTE);
      const before = Number((await counts())?.['entries']);
      const { refusal, acknowledged } = await appendUntilRefused();
      expect(refusal).toMatchObject({ status: 503, body: { code: 'log_unavailable', title: expect.any(String) } });
      expect(refusal.headers['retry-after']).toBeDefined();
      expect(JSON.stringify(refusal.body)).not.toMatch(/space|pg_|extend/);
      const entries = before + acknowledged;
      const all = { entries, identities: entries, certificates: entries, contexts: entries, size: entries };
      expect(await counts()).toEqual(all);
      // What needs no room goes on.
      expect((await request(log.url).get('/checkpoint')).status).toBe(200);

      disk.free();
      expect((await append()).status).toBe(201);
      expect(await counts()).toMatchObject({ entries: entries + 1, size: entries + 1 });
      expect((await log.app.get(Readiness, { strict: false }).report()).status).toBe('ready');
    }
    const history = await readHistory(database.superuserUrl, signer.verifier);
    for (const { size, root } of history.checkpoints) expect(history.rootOf(size)).toEqual(root);
  });
});
