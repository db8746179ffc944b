import { DataLossRefused, runMigrations, SchemaIsNewer } from '@libs/database';
import { DataSource } from 'typeorm';
import { logDataSourceOptions } from '../src/database/data-source-options';
import { migrations } from '../src/database/migrations';
import { provisionLogDatabase } from '../src/database/provision';
import { issuedEntry, TestIssuer } from './certificate-fixture';
import { AuditLog } from '../src/audit/audit-log';
import { createLogDatabase, type LogDatabaseFixture, PASSWORDS, POOL, query, startLog } from './log-fixture';
import { generateNoteKey } from '@libs/tlog';

const names = migrations.map(({ name }) => name);
const signer = generateNoteKey('log.test/migrations');

let database: LogDatabaseFixture;

beforeEach(async () => {
  database = await createLogDatabase();
});

afterEach(() => database.drop());

const options = () => logDataSourceOptions(database.migratorUrl, POOL);

async function down(steps: number): Promise<void> {
  const dataSource = await new DataSource(options()).initialize();
  try {
    for (let i = 0; i < steps; i += 1) await dataSource.undoLastMigration({ transaction: 'each' });
  } finally {
    await dataSource.destroy();
  }
}

/** The schema as the catalogues describe it. */
async function schema(): Promise<unknown> {
  return query(
    database.superuserUrl,
    `SELECT format('%s.%s %s %s %s', n.nspname, c.relname, c.relkind, c.relacl, pg_get_userbyid(c.relowner)) AS item
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('ct', 'ct_crl')
     UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(c.oid))
       FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname IN ('ct', 'ct_crl')
     UNION ALL SELECT format('%s %s %s', tgrelid::regclass, pg_get_triggerdef(t.oid), tgenabled)
       FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname IN ('ct', 'ct_crl') AND NOT tgisinternal
     UNION ALL SELECT format('%s %s %s', p.oid::regprocedure, p.proacl, md5(pg_get_functiondef(p.oid)))
       FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('ct', 'ct_crl')
     ORDER BY 1`,
  );
}

async function appendOne(): Promise<string> {
  const log = await startLog(database, { signer });
  const certificate = await (await TestIssuer.create()).certificate();
  await log.app.get(AuditLog, { strict: false }).append(issuedEntry(certificate, { psk_id: 'a' }));
  await log.close();
  return certificate.fingerprint;
}

describe('the migrations of the log', () => {
  it('go up, all the way down and up again to the same schema', async () => {
    expect(await runMigrations(options())).toEqual(names);
    const first = await schema();
    await down(names.length);
    expect(await schema()).toEqual([]);
    expect(await runMigrations(options())).toEqual(names);
    expect(await schema()).toEqual(first);
    await appendOne();
  });

  it('are run once by four replicas that start together', async () => {
    const runs = await Promise.all([1, 2, 3, 4].map(() => runMigrations(options())));
    expect(runs.filter((run) => run.length > 0)).toEqual([names]);
  });

  it('are not undone by the start of an older version, which says what is the matter', async () => {
    await runMigrations(options());
    const first = await schema();
    const start = runMigrations({ ...options(), migrations: migrations.slice(0, -1) });
    await expect(start).rejects.toThrow(SchemaIsNewer);
    await expect(start).rejects.toThrow(
      new RegExp(`schema is newer than this version: it has ${String(names.at(-1))},`),
    );
    expect(await schema()).toEqual(first);
  });

  it('leave every object to the owner, who cannot log in', async () => {
    await runMigrations(options());
    const owners = await query(
      database.superuserUrl,
      `SELECT DISTINCT pg_get_userbyid(relowner) AS owner, rolcanlogin FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner WHERE n.nspname IN ('ct', 'ct_crl')`,
    );
    expect(owners).toEqual([{ owner: 'ct_owner', rolcanlogin: false }]);
  });

  it('take privileges away and give them back with the data untouched', async () => {
    await runMigrations(options());
    const fingerprint = await appendOne();
    await down(1);
    await expect(query(database.writerUrl, 'SELECT * FROM ct.entry')).rejects.toThrow(/permission denied/);
    await runMigrations(options());
    const rows = await query(
      database.writerUrl,
      "SELECT encode(fingerprint, 'hex') AS fingerprint FROM ct.certificate",
    );
    expect(rows).toEqual([{ fingerprint }]);
    await appendOne();
  });

  it('refuse to go down further once the log holds an entry', async () => {
    await runMigrations(options());
    await appendOne();
    await down(names.length - names.indexOf('FreezeLog1763971202000') - 1);
    // Neither the triggers, nor the tables beneath them.
    await expect(down(1)).rejects.toThrow(DataLossRefused);
    expect(await query(database.superuserUrl, 'SELECT count(*) FROM ct.entry')).toEqual([{ count: '1' }]);
    await runMigrations(options());
    await appendOne();
    expect(await query(database.superuserUrl, 'SELECT max(size) FROM ct.checkpoint')).toEqual([{ max: '2' }]);
  });

  it('refuse to drop CRL numbers that were given', async () => {
    await runMigrations(options());
    await query(database.writerUrl, `SELECT ct_crl.allocate('\\x${'ab'.repeat(32)}')`);
    await expect(down(names.length)).rejects.toThrow(DataLossRefused);
  });
});

describe('preparing a database', () => {
  it('may be repeated, also by several at once, and changes nothing that is there', async () => {
    await runMigrations(options());
    await appendOne();
    const before = await schema();
    const name = new URL(database.writerUrl).pathname.slice(1);
    await Promise.all([1, 2, 3].map(() => provisionLogDatabase(database.superuserUrl, PASSWORDS, name)));
    expect(await schema()).toEqual(before);
    await appendOne();
  });
});
