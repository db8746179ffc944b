import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertTransparencyConfig } from '../src/config/certtransparency.config';
import { createApp } from '../src/create-app';
import { issuedEntry, TestIssuer } from './certificate-fixture';
import { AuditLog } from '../src/audit/audit-log';
import { ContextErasures } from '../src/audit/context-erasures';
import { type LogDatabaseFixture, migratedLogDatabase, query, READER_KEY, startLog, WRITER_KEY } from './log-fixture';
import { generateNoteKey } from '@libs/tlog';

const TABLES = [
  'ct.private_context',
  'ct.entry',
  'ct.identity',
  'ct.tile',
  'ct.checkpoint',
  'ct.certificate',
  'ct.revocation',
  'ct.erasure',
  'ct_crl.crl_number',
];
/** A column of each table, with its type. */
const COLUMN: Record<string, [string, string]> = {
  'ct.entry': ['leaf', 'bytea'],
  'ct.identity': ['kind', 'smallint'],
  'ct.tile': ['hashes', 'bytea'],
  'ct.checkpoint': ['note', 'text'],
  'ct.certificate': ['common_name', 'text'],
  'ct.revocation': ['reason', 'smallint'],
  'ct.erasure': ['reason', 'text'],
  'ct_crl.crl_number': ['number', 'bigint'],
  'ct.private_context': ['context', 'text'],
};
const column = (table: string) => COLUMN[table]?.[0] ?? '';
const type = (table: string) => COLUMN[table]?.[1] ?? '';

/** Every way to change rows that SQL offers. */
function changes(table: string): string[] {
  const set = `${column(table)} = ${column(table)}`;
  return [
    `UPDATE ${table} SET ${set}`,
    `UPDATE ${table} SET ${set} WHERE false`,
    `DELETE FROM ${table}`,
    `TRUNCATE ${table} CASCADE`,
    `WITH gone AS (DELETE FROM ${table} RETURNING 1) SELECT count(*) FROM gone`,
    `MERGE INTO ${table} t USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET ${set}`,
    `MERGE INTO ${table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE`,
    `INSERT INTO ${table} SELECT * FROM ${table} ON CONFLICT ON CONSTRAINT ${table.split('.')[1] ?? ''}_pkey DO UPDATE SET ${column(table)} = EXCLUDED.${column(table)}`,
    `DO $$ BEGIN DELETE FROM ${table}; END $$`,
    `PREPARE forget AS DELETE FROM ${table}; EXECUTE forget`,
  ].filter((sql) => !(table === 'ct.private_context' && sql.startsWith('INSERT')));
}

/** Ways around the triggers. */
function detours(table: string): string[] {
  return [
    `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
    `ALTER TABLE ${table} DISABLE TRIGGER USER`,
    `ALTER TABLE ${table} ENABLE REPLICA TRIGGER refuse_change`,
    `DROP TRIGGER refuse_change ON ${table}`,
    `DROP TRIGGER refuse_truncate ON ${table} CASCADE`,
    `ALTER TRIGGER refuse_change ON ${table} RENAME TO other`,
    `CREATE RULE forget AS ON INSERT TO ${table} DO INSTEAD NOTHING`,
    `CREATE TRIGGER swallow BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `CREATE POLICY hide ON ${table} USING (false)`,
    `CREATE TABLE ct.child () INHERITS (${table})`,
    `ALTER TABLE ${table} ALTER COLUMN ${column(table)} TYPE ${type(table)} USING ${column(table)}`,
    `ALTER TABLE ${table} DROP COLUMN ${column(table)} CASCADE`,
    `ALTER TABLE ${table} ADD COLUMN other text`,
    `ALTER TABLE ${table} RENAME TO other`,
    `ALTER TABLE ${table} SET SCHEMA ct_crl`,
    `ALTER TABLE ${table} SET UNLOGGED`,
    `ALTER TABLE ${table} OWNER TO ct_writer`,
    `DROP TABLE ${table} CASCADE`,
    `SET session_replication_role = replica; DELETE FROM ${table}`,
  ];
}

/** PostgreSQL answers a GRANT by somebody who may not with a warning, and grants nothing. */
function grants(table: string): string[] {
  return [
    `GRANT INSERT ON ${table} TO ct_writer`,
    `GRANT DELETE ON ${table} TO PUBLIC`,
    `GRANT UPDATE (${column(table)}) ON ${table} TO ct_reader`,
    `GRANT ALL ON ${table} TO ct_migrator WITH GRANT OPTION`,
  ];
}

const EVERYTHING = [
  'CREATE OR REPLACE FUNCTION ct.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
  'ALTER FUNCTION ct.refuse_change() RENAME TO other',
  'DROP FUNCTION ct.refuse_change() CASCADE',
  'DROP FUNCTION ct.check_contiguity() CASCADE',
  "CREATE OR REPLACE FUNCTION ct.leaf_hash(leaf bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT ''::bytea $$",
  'ALTER TABLE ct.entry DROP CONSTRAINT entry_leaf_hash_check',
  'ALTER SCHEMA ct RENAME TO other',
  "ALTER TABLE ct.checkpoint ALTER COLUMN note TYPE text USING set_config('ct_guard.holds_entries', 'false', true)",
  'DROP SCHEMA ct CASCADE',
  'DROP OWNED BY ct_owner CASCADE',
  'DROP EVENT TRIGGER ct_guard_on_ddl',
  'ALTER EVENT TRIGGER ct_guard_on_drop DISABLE',
  'CREATE OR REPLACE FUNCTION ct_guard.holds_entries() RETURNS boolean LANGUAGE sql AS $$ SELECT false $$',
  'DROP SCHEMA ct_guard CASCADE',
  'ALTER ROLE ct_writer SUPERUSER',
  'SET ROLE postgres',
];

const signer = generateNoteKey('log.internal/append-only');
let database: LogDatabaseFixture;

async function fill(target: LogDatabaseFixture): Promise<void> {
  const log = await startLog(target, { signer });
  const issuer = await TestIssuer.create();
  const audit = log.app.get(AuditLog, { strict: false });
  const certificates = await Promise.all(Array.from({ length: 260 }, () => issuer.certificate()));
  await Promise.all(
    certificates.map((certificate) => audit.append(issuedEntry(certificate, { user_id: randomUUID() }))),
  );
  const fingerprint = certificates[0]?.fingerprint ?? '';
  await audit.append({ type: 'revoked', fingerprint, reason: 'superseded', revoked_at: new Date().toISOString() });
  await query(target.writerUrl, `SELECT ct_crl.allocate('\\x${issuer.id}')`);
  await log.app
    .get(ContextErasures, { strict: false })
    .erase({ indexes: [0], reason: 'asked for by the user', actor: 'user:1' });
  await log.close();
}

/** Everything in the log, as one digest. */
async function digest(target: LogDatabaseFixture): Promise<unknown> {
  const parts = TABLES.map(
    (table) => `(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ${table} t) AS "${table}"`,
  );
  const [row] = await query(target.superuserUrl, `SELECT ${parts.join(', ')}`);
  expect(Object.values(row ?? {})).not.toContain(null);
  return row;
}

async function refused(url: string, sql: string, role = ''): Promise<string> {
  try {
    await query(url, `BEGIN; ${role}; ${sql}; ROLLBACK`.replace('BEGIN; ;', 'BEGIN;'));
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'NOT REFUSED';
}

beforeAll(async () => {
  database = await migratedLogDatabase();
  await fill(database);
});

afterAll(() => database.drop());

describe.each(TABLES)('%s', (table) => {
  let before: unknown;
  beforeAll(async () => {
    before = await digest(database);
  });
  afterAll(async () => {
    expect(await digest(database)).toEqual(before);
  });

  it.each([...changes(table), ...detours(table)])('as the runtime role: %s', async (sql) => {
    expect(await refused(database.writerUrl, sql)).toBe('42501');
  });

  it.each(changes(table))('as reader and auditor: %s', async (sql) => {
    expect(await refused(database.readerUrl, sql)).toBe('42501');
    expect(await refused(database.auditorUrl, sql)).toBe('42501');
  });

  it.each(changes(table))('as the migrator without the owner: %s', async (sql) => {
    expect(await refused(database.migratorUrl, sql)).toBe('42501');
  });

  it.each(changes(table))('as the owner: %s', async (sql) => {
    expect(await refused(database.migratorUrl, sql, 'SET LOCAL ROLE ct_owner')).toBe('CT010');
  });

  it.each(grants(table))('as runtime role and migrator has no effect: %s', async (sql) => {
    const acl = () => query(database.superuserUrl, `SELECT relacl FROM pg_class WHERE oid = '${table}'::regclass`);
    const rights = await acl();
    for (const url of [database.writerUrl, database.migratorUrl]) await query(url, sql).catch(() => undefined);
    expect(await acl()).toEqual(rights);
  });

  it('inserts nothing for anybody but the write gate', async () => {
    const sql = `INSERT INTO ${table} DEFAULT VALUES`;
    for (const url of [database.writerUrl, database.readerUrl, database.auditorUrl, database.migratorUrl]) {
      expect(await refused(url, sql)).toBe('42501');
    }
  });
});

describe.each(TABLES)('%s', (table) => {
  it.each([...detours(table), ...grants(table)])('as the owner: %s', async (sql) => {
    const role = 'SET LOCAL ROLE ct_owner';
    expect(await refused(database.migratorUrl, sql, role)).toMatch(/^(CT01[02]|0A000|42501|42704|42P16)/);
  });
});

describe('the whole log', () => {
  it.each(EVERYTHING)('as runtime role, migrator and owner: %s', async (sql) => {
    expect(await refused(database.writerUrl, sql)).not.toBe('NOT REFUSED');
    expect(await refused(database.migratorUrl, sql)).not.toBe('NOT REFUSED');
    expect(await refused(database.migratorUrl, sql, 'SET LOCAL ROLE ct_owner')).toMatch(/^(CT012|42501|2BP01)/);
  });

  it('may still grow by tables, indexes and functions', async () => {
    const sql =
      'CREATE INDEX other_idx ON ct.certificate (not_after); CREATE TABLE ct.other (a int); DROP TABLE ct.other';
    expect(await refused(database.migratorUrl, sql, 'SET LOCAL ROLE ct_owner')).toBe('NOT REFUSED');
  });

  it('is not read by strangers', async () => {
    for (const table of TABLES) {
      const sql = `SET LOCAL ROLE pg_monitor; SELECT * FROM ${table}`;
      await expect(query(database.superuserUrl, `BEGIN; ${sql}; ROLLBACK`)).rejects.toThrow(/permission denied/);
    }
    expect(await refused(database.readerUrl, 'SELECT * FROM ct.private_context')).toBe('42501');
    expect(await refused(database.readerUrl, "SELECT ct_crl.allocate('')")).toBe('42501');
    expect(await refused(database.readerUrl, "SELECT ct.append_entries('{}','{}','{}',1,'','')")).toBe('42501');
  });
});

describe('each protection alone', () => {
  it('privileges hold when every trigger is gone', async () => {
    const bare = await migratedLogDatabase();
    try {
      await fill(bare);
      await dropEventTriggers(bare);
      for (const table of TABLES) await query(bare.superuserUrl, `ALTER TABLE ${table} DISABLE TRIGGER USER`);
      // Proof that nothing else stands in the way now: the superuser's change goes through.
      await query(bare.superuserUrl, 'BEGIN; DELETE FROM ct.private_context; ROLLBACK');
      for (const table of TABLES) {
        for (const sql of changes(table)) expect(await refused(bare.writerUrl, sql)).toBe('42501');
      }
    } finally {
      await bare.drop();
    }
  });

  it('triggers hold when every privilege is granted', async () => {
    const open = await migratedLogDatabase();
    try {
      await fill(open);
      await dropEventTriggers(open);
      for (const table of TABLES) await query(open.superuserUrl, `GRANT ALL ON ${table} TO ct_writer`);
      for (const table of TABLES) {
        for (const sql of changes(table)) expect(await refused(open.writerUrl, sql)).toBe('CT010');
      }
      for (const table of TABLES) {
        expect(await refused(open.superuserUrl, `SET session_replication_role = replica; DELETE FROM ${table}`)).toBe(
          'CT010',
        );
      }
    } finally {
      await open.drop();
    }
  });

  it('without event triggers the owner could take the triggers away', async () => {
    const unguarded = await migratedLogDatabase();
    try {
      await fill(unguarded);
      const sql =
        'ALTER TABLE ct.private_context DISABLE TRIGGER USER; ALTER TABLE ct.tile DISABLE TRIGGER USER; DELETE FROM ct.tile';
      expect(await refused(unguarded.migratorUrl, sql, 'SET LOCAL ROLE ct_owner')).toBe('CT012');
      await dropEventTriggers(unguarded);
      expect(await refused(unguarded.migratorUrl, sql, 'SET LOCAL ROLE ct_owner')).toBe('NOT REFUSED');
    } finally {
      await unguarded.drop();
    }
  });

  async function dropEventTriggers(target: LogDatabaseFixture): Promise<void> {
    const names = ['before_ddl', 'on_drop', 'on_ddl'].map((name) => `DROP EVENT TRIGGER ct_guard_${name}`);
    await query(target.superuserUrl, names.join('; '));
  }
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
