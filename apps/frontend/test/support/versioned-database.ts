import { runMigrations } from '@libs/database';
import type { TestDatabaseKind } from '@libs/testing';
import { DataSource } from 'typeorm';
import { frontendDataSourceOptions } from '../../src/database/data-source-options';
import { migrations } from '../../src/database/migrations';
import { LOSSES, SAMPLE_ROWS } from './sample-rows';

const pool = { size: 4, connectTimeoutMs: 5_000, statementTimeoutMs: 15_000 };

type Row = Readonly<Record<string, unknown>>;
/** Rows in an order of their own, by table. */
export type Contents = Readonly<Record<string, readonly Row[]>>;

/** The frontend's database with something in every column, at whatever version of the schema a test wants it. */
export class VersionedDatabase {
  private constructor(
    readonly url: string,
    readonly dataSource: DataSource,
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  static async create({ create }: TestDatabaseKind): Promise<VersionedDatabase> {
    const { url, drop } = await create();
    const options = frontendDataSourceOptions({ databaseUrl: url, pool });
    await runMigrations(options);
    const dataSource = await new DataSource(options).initialize();
    for (const sql of SAMPLE_ROWS) await dataSource.query(sql);
    return new VersionedDatabase(url, dataSource, drop);
  }

  async up(): Promise<void> {
    await this.dataSource.runMigrations({ transaction: 'each' });
  }

  async down(): Promise<void> {
    await this.dataSource.undoLastMigration();
  }

  /** From the newest version to the one before a migration. @throws DataLossRefused */
  async downBelow(migration: string): Promise<void> {
    for (const { name } of [...migrations].reverse()) {
      await this.down();
      if (name === migration) return;
    }
  }

  /** The same, whatever it costs. */
  async fallBelow(migration: string): Promise<void> {
    for (const { name } of [...migrations].reverse()) {
      await this.giveUp(name);
      await this.down();
      if (name === migration) return;
    }
  }

  /** Nothing is left, not even the record of migrations. */
  async empty(): Promise<void> {
    await this.fallBelow(migrations[0].name);
    await this.dataSource.query('DROP TABLE "migrations"');
  }

  /** Gives up what keeps a migration from going down. */
  async giveUp(migration: string): Promise<void> {
    const loss = LOSSES[migration];
    if (loss !== undefined) await this.dataSource.query(loss.giveUp);
  }

  async applied(): Promise<readonly string[]> {
    const rows = await this.dataSource.query<{ name: string }[]>('SELECT "name" FROM "migrations" ORDER BY "id"');
    return rows.map(({ name }) => name);
  }

  async contents(): Promise<Contents> {
    const isPostgres = this.dataSource.options.type === 'postgres';
    const tables = await this.dataSource.query<{ name: string }[]>(
      isPostgres
        ? "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
        : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    );
    const found: Record<string, readonly Row[]> = {};
    for (const { name } of tables.filter((table) => table.name !== 'migrations')) {
      const rows = await this.dataSource.query<Row[]>(`SELECT * FROM "${name}"`);
      found[name] = rows
        .map((row) => JSON.stringify(row))
        .sort()
        .map((row) => JSON.parse(row) as Row);
    }
    return found;
  }

  async drop(): Promise<void> {
    await this.dataSource.destroy();
    await this.dropDatabase();
  }
}

/** Of these contents only the tables and columns that the others have. */
export function restrictedTo(contents: Contents, shape: Contents): Contents {
  return Object.fromEntries(
    Object.entries(shape).map(([table, rows]) => {
      const columns = Object.keys(rows[0] ?? {});
      const restricted = (contents[table] ?? []).map((row) =>
        Object.fromEntries(columns.map((name) => [name, row[name]])),
      );
      return [table, restricted];
    }),
  );
}

/** Tables without a row, and columns in which no row has anything. */
export function emptyParts(contents: Contents): readonly string[] {
  return Object.entries(contents).flatMap(([table, rows]) => {
    const columns = Object.keys(rows[0] ?? {});
    if (columns.length === 0) return [table];
    return columns.filter((name) => rows.every((row) => row[name] === null)).map((name) => `${table}.${name}`);
  });
}
