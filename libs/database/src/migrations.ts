import { StartError } from '@libs/config';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { withMigrationLock } from './migration-lock';

/** The database has seen migrations that this code does not know: an older version was started against it. */
export class SchemaIsNewer extends StartError {
  constructor(readonly unknown: readonly string[]) {
    super(
      `The database's schema is newer than this version: it has ${unknown.join(', ')}, which this version does not know. ` +
        'Start the version that made it, or revert these migrations with that version first.',
    );
    this.name = 'SchemaIsNewer';
  }
}

/**
 * Brings the schema up to date. Any number of replicas may enter at once: one migrates, the others wait and find nothing to do.
 * @returns the names of the migrations that were run here
 * @throws SchemaIsNewer before anything is changed
 */
export async function runMigrations(options: DataSourceOptions): Promise<readonly string[]> {
  return withMigrationLock(options, async () => {
    const dataSource = await new DataSource({ ...options, ...withoutTimeout(options) }).initialize();
    try {
      await refuseNewerSchema(dataSource);
      const done = await dataSource.runMigrations({ transaction: 'each' });
      return done.map((migration) => migration.name);
    } finally {
      await dataSource.destroy();
    }
  });
}

/** @throws SchemaIsNewer */
export async function refuseNewerSchema(dataSource: DataSource): Promise<void> {
  const known = new Set(dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name));
  const unknown = (await executedMigrations(dataSource)).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new SchemaIsNewer(unknown);
}

async function executedMigrations(dataSource: DataSource): Promise<readonly string[]> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    const table = dataSource.options.migrationsTableName ?? 'migrations';
    if (!(await queryRunner.hasTable(table))) return [];
    const rows = await queryRunner.manager.query<{ name: string }[]>(`SELECT name FROM "${table}" ORDER BY id`);
    return rows.map((row) => row.name);
  } finally {
    await queryRunner.release();
  }
}

/** An index on a large table may take longer than any request should. */
function withoutTimeout(options: DataSourceOptions): { extra?: object } {
  if (options.type !== 'postgres') return {};
  const extra = options.extra as object | undefined;
  return { extra: { ...extra, statement_timeout: 0, idle_in_transaction_session_timeout: 0 } };
}
