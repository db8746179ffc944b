import { runMigrations } from '@libs/database';
import { DataSource } from 'typeorm';
import { logDataSourceOptions } from '../../../apps/certtransparency/src/database/data-source-options';
import {
  createLogDatabase,
  type LogDatabaseFixture,
  POOL,
  query,
} from '../../../apps/certtransparency/test/log-fixture';

/** A log's database at whatever version of the schema a test wants it. */
export class VersionedLog {
  private constructor(readonly database: LogDatabaseFixture) {}

  /** With roles and without a schema. */
  static async create(server: string): Promise<VersionedLog> {
    return new VersionedLog(await createLogDatabase(server));
  }

  async up(): Promise<void> {
    await runMigrations(logDataSourceOptions(this.database.migratorUrl, POOL));
  }

  /** Until this migration is the last that was applied. */
  async downTo(migration: string): Promise<void> {
    const dataSource = await new DataSource(logDataSourceOptions(this.database.migratorUrl, POOL)).initialize();
    try {
      while ((await this.applied()).at(-1) !== migration) await dataSource.undoLastMigration();
    } finally {
      await dataSource.destroy();
    }
  }

  async applied(): Promise<readonly string[]> {
    const rows = await query(this.database.superuserUrl, 'SELECT name FROM migrations ORDER BY id');
    return rows.map(({ name }) => String(name));
  }

  /** Every row as text, by table. */
  async contents(): Promise<Readonly<Record<string, readonly unknown[]>>> {
    const tables = await query(
      this.database.superuserUrl,
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('ct', 'ct_crl')",
    );
    const found: Record<string, readonly unknown[]> = {};
    for (const { name } of tables) {
      const rows = await query(this.database.superuserUrl, `SELECT t::text AS row FROM ${String(name)} t ORDER BY 1`);
      found[String(name)] = rows.map(({ row }) => row);
    }
    return found;
  }
}
