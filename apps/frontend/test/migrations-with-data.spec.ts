import { DataLossRefused, runMigrations, SchemaIsNewer } from '@libs/database';
import { testDatabases } from '@libs/testing';
import { DataSource } from 'typeorm';
import { frontendDataSourceOptions } from '../src/database/data-source-options';
import { entities } from '../src/database/entities';
import { migrations } from '../src/database/migrations';
import { GIVEN_UP, SAMPLE_ROWS } from './support/sample-rows';

const pool = { size: 4, connectTimeoutMs: 5_000, statementTimeoutMs: 15_000 };

type Row = Readonly<Record<string, unknown>>;
type Contents = Readonly<Record<string, readonly Row[]>>;

describe.each(testDatabases())('each version of the schema on $name', (database) => {
  let dataSource: DataSource;
  let url: string;
  let drop: () => Promise<void>;

  beforeEach(async () => {
    const created = await database.create();
    url = created.url;
    const options = frontendDataSourceOptions({ databaseUrl: url, pool });
    await runMigrations(options);
    dataSource = await new DataSource(options).initialize();
    drop = async () => {
      await dataSource.destroy();
      await created.drop();
    };
    for (const sql of SAMPLE_ROWS) await dataSource.query(sql);
  });

  afterEach(() => drop());

  it('has a sample of every table', async () => {
    for (const entity of entities)
      expect([entity.name, await dataSource.getRepository(entity).count()]).not.toContain(0);
  });

  it('goes down, up and down again, and neither loses nor changes what is still there', async () => {
    for (const { name } of [...migrations].reverse()) {
      await refusesWhatWouldBeLost(name);
      const before = await contents();
      await dataSource.undoLastMigration();
      const below = await contents();
      expect([name, below]).toEqual([name, restrictedTo(before, below)]);
      await dataSource.runMigrations({ transaction: 'each' });
      expect([name, restrictedTo(await contents(), below)]).toEqual([name, below]);
      await goBelow(name);
      expect([name, await contents()]).toEqual([name, below]);
    }
    expect(await contents()).toEqual({});
  });

  it('is not entered by a start of any version before it', async () => {
    const before = await contents();
    for (const count of [0, 1, migrations.length - 1]) {
      const older = {
        ...frontendDataSourceOptions({ databaseUrl: url, pool }),
        migrations: migrations.slice(0, count),
      };
      const start = runMigrations(older);
      await expect(start).rejects.toThrow(SchemaIsNewer);
      await expect(start).rejects.toThrow(
        new RegExp(
          `schema is newer than this version: it has .*${String(migrations.at(-1)?.name)}.* Start the version`,
        ),
      );
    }
    expect(await contents()).toEqual(before);
  });

  async function refusesWhatWouldBeLost(name: string): Promise<void> {
    const statements = GIVEN_UP[name];
    if (statements === undefined) return;
    const before = await contents();
    await expect(dataSource.undoLastMigration()).rejects.toThrow(DataLossRefused);
    expect([name, await contents()]).toEqual([name, before]);
    for (const sql of statements) await dataSource.query(sql);
  }

  /** The way up led to the newest version. */
  async function goBelow(name: string): Promise<void> {
    for (const { name: last } of [...migrations].reverse()) {
      await dataSource.undoLastMigration();
      if (last === name) return;
    }
  }

  async function contents(): Promise<Contents> {
    const tables = await dataSource.query<{ name: string }[]>(
      database.name === 'postgres'
        ? "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
        : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    );
    const found: Record<string, readonly Row[]> = {};
    for (const { name } of tables.filter((table) => table.name !== 'migrations')) {
      const rows = await dataSource.query<Row[]>(`SELECT * FROM "${name}"`);
      found[name] = rows
        .map((row) => JSON.stringify(row))
        .sort()
        .map((row) => JSON.parse(row) as Row);
    }
    return found;
  }
});

/** Of these contents only the tables and columns that the others have. */
function restrictedTo(contents: Contents, shape: Contents): Contents {
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
