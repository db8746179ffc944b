import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateNoteKey } from '@libs/tlog';
import { CertTransparencyConfig } from '../src/config/certtransparency.config';
import { createApp } from '../src/create-app';
import { GUARDED_TABLES } from '../src/database/guard';
import { TestIssuer } from './certificate-fixture';
import { logContent, writeContent } from './log-content';
import { type LogDatabaseFixture, migratedLogDatabase, query, READER_KEY, WRITER_KEY } from './log-fixture';

const signer = generateNoteKey('log.internal/production');
let database: LogDatabaseFixture;

beforeAll(async () => {
  database = await migratedLogDatabase();
  await writeContent(database, signer, await logContent(await TestIssuer.create(), signer.name));
});

afterAll(() => database.drop());

describe('the roles of the database', () => {
  it('let later migrations add tables and indexes to a log that holds entries', async () => {
    const statements = [
      'CREATE INDEX other_idx ON ct.certificate (not_after)',
      'CREATE TABLE ct.other (a int)',
      'DROP TABLE ct.other',
    ];
    const sql = `BEGIN; SET LOCAL ROLE ct_owner; ${statements.join('; ')}; ROLLBACK`;
    await expect(query(database.migratorUrl, sql)).resolves.toEqual([]);
  });

  it.each(GUARDED_TABLES)('show strangers nothing of %s', async (table) => {
    const sql = `BEGIN; SET LOCAL ROLE pg_monitor; SELECT * FROM ${table}; ROLLBACK`;
    await expect(query(database.superuserUrl, sql)).rejects.toThrow(/permission denied/);
  });
});

describe('in production', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ovpn-anchor-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (url: string) =>
    createApp(
      CertTransparencyConfig.from({
        NODE_ENV: 'production',
        CT_LOG_LEVEL: 'silent',
        CT_DATABASE_URL: url,
        CT_MIGRATOR_DATABASE_URL: database.migratorUrl,
        CT_WRITER_KEYS: WRITER_KEY,
        CT_READER_KEYS: READER_KEY,
        CT_CHECKPOINT_KEY: signer.printPrivateKey(),
        CT_ANCHOR_FILE: join(folder, 'anchor'),
      }),
    );

  it('the service starts as the runtime role', async () => {
    await (await start(database.writerUrl)).close();
  });

  it('the service refuses to start as superuser or with the rights of the owner', async () => {
    await expect(start(database.superuserUrl)).rejects.toThrow(/SUPERUSER/);
    await expect(start(database.migratorUrl)).rejects.toThrow(/ct_writer/);
  });
});
