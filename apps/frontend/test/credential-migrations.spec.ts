import { DataLossRefused } from '@libs/database';
import { testDatabases } from '@libs/testing';
import { DataSource } from 'typeorm';
import { frontendDataSourceOptions } from '../src/database/data-source-options';
import { migrations } from '../src/database/migrations';
import { AddDownloadTokenBindings1764000502000 } from '../src/database/migrations/1764000502000-add-download-token-bindings';
import { AddIssuanceDevices1764000501000 } from '../src/database/migrations/1764000501000-add-issuance-devices';
import { AddPskNetworks1764000500000 } from '../src/database/migrations/1764000500000-add-psk-networks';
import { CreateRenewals1764000505000 } from '../src/database/migrations/1764000505000-create-renewals';

const pool = { size: 4, connectTimeoutMs: 5_000, statementTimeoutMs: 15_000 };
const NOW = '2026-05-04 03:02:01.987';
const HASH = 'a'.repeat(64);

/** A schema with one row of everything, as the version before each of these migrations had it. */
const BEFORE = [
  `INSERT INTO users (id, issuer, subject, name, groups, created_at, last_login_at)
   VALUES ('user', 'https://idp', 'ada', 'Ada', '[]', '${NOW}', '${NOW}')`,
  `INSERT INTO psks (id, public_id, secret_hash, kind, common_name, template_set, description, uses, created_at, created_by)
   VALUES ('psk', '0123456789abcdef', '${HASH}', 'server', 'vpn.example.org', 'Default', '', 0, '${NOW}', 'user')`,
  ...['old', 'new'].map(
    (id, index) =>
      `INSERT INTO issuances (id, kind, user_id, common_name, template, options, state, holds_credential, serial_number,
         fingerprint, log_index, expires_at, created_at, lease_until, finished_at)
       VALUES ('${id}', 'user', 'user', 'ada', 'default', '[]', 'issued', false, '${'A'.repeat(40)}',
         '${String(index).repeat(64)}', ${String(index)}, '${NOW}', '${NOW}', '${NOW}', '${NOW}')`,
  ),
  `INSERT INTO download_tokens (token_hash, user_id, groups, options, created_at, expires_at)
   VALUES ('${HASH}', 'user', '[]', '[]', '${NOW}', '${NOW}')`,
];

/** What a migration adds, filled; and emptied again, so that nothing is lost by going down. */
const CASES = [
  {
    migration: AddPskNetworks1764000500000,
    fill: [`UPDATE psks SET allowed_networks = '["10.0.0.0/8"]', labels = '{"site":"berlin"}'`],
    empty: [`UPDATE psks SET allowed_networks = '[]', labels = '{}'`],
  },
  {
    migration: AddIssuanceDevices1764000501000,
    fill: [`UPDATE issuances SET device_name = 'Laptop', revoked_at = '${NOW}' WHERE id = 'old'`],
    empty: [`UPDATE issuances SET device_name = NULL, revoked_at = NULL`],
  },
  {
    migration: AddDownloadTokenBindings1764000502000,
    fill: [`UPDATE download_tokens SET reuse_count = 2, last_reused_at = '${NOW}', last_reused_from = '192.0.2.1'`],
    empty: [`UPDATE download_tokens SET reuse_count = 0, last_reused_at = NULL, last_reused_from = NULL`],
  },
  {
    migration: CreateRenewals1764000505000,
    fill: [`INSERT INTO renewals (issuance_id, renewed_by, created_at) VALUES ('old', 'new', '${NOW}')`],
    empty: ['DELETE FROM renewals'],
  },
];

describe.each(testDatabases())('migrations of credentials on $name', (database) => {
  let dataSource: DataSource;
  let drop: () => Promise<void>;

  beforeEach(async () => {
    const created = await database.create();
    drop = created.drop;
    dataSource = new DataSource(frontendDataSourceOptions({ databaseUrl: created.url, pool }));
    await dataSource.initialize();
  });
  afterEach(async () => {
    await dataSource.destroy();
    await drop();
  });

  const run = async (...statements: readonly string[]) => {
    for (const statement of statements) await dataSource.query(statement);
  };
  const tables = ['users', 'psks', 'issuances', 'download_tokens'];
  const content = async () => {
    const rows = tables.map((table) => dataSource.query<unknown[]>(`SELECT * FROM ${table} ORDER BY 1`));
    return Promise.all(rows);
  };
  const migrateUpTo = async (last: number) => {
    dataSource.migrations.splice(last + 1);
    await dataSource.runMigrations({ transaction: 'each' });
  };

  it.each(CASES)('$migration.name goes up over data, refuses to lose any, and goes down and up again', async (one) => {
    const position = migrations.findIndex((migration) => migration === one.migration);
    const all = [...dataSource.migrations];
    await migrateUpTo(position - 1);
    await run(...BEFORE);
    const before = await content();
    dataSource.migrations.splice(0, Infinity, ...all);
    await migrateUpTo(position);
    await run(...one.fill);
    await expect(dataSource.undoLastMigration()).rejects.toThrow(DataLossRefused);
    await run(...one.empty);
    await dataSource.undoLastMigration();
    expect(await content()).toEqual(before);
    await dataSource.runMigrations({ transaction: 'each' });
    await run(...one.fill);
  });
});
