import { DataLossRefused, runMigrations, SchemaIsNewer } from '@libs/database';
import { testDatabases } from '@libs/testing';
import { frontendDataSourceOptions } from '../src/database/data-source-options';
import { entities } from '../src/database/entities';
import { migrations } from '../src/database/migrations';
import { LOSSES } from './support/sample-rows';
import { emptyParts, restrictedTo, VersionedDatabase } from './support/versioned-database';

const pool = { size: 4, connectTimeoutMs: 5_000, statementTimeoutMs: 15_000 };

describe.each(testDatabases())('each version of the schema on $name', (kind) => {
  let database: VersionedDatabase;

  beforeEach(async () => {
    database = await VersionedDatabase.create(kind);
  });
  afterEach(() => database.drop());

  it('has a sample of every table and of every column', async () => {
    const contents = await database.contents();
    expect(Object.keys(contents)).toHaveLength(entities.length);
    expect(emptyParts(contents)).toEqual([]);
  });

  it('goes down, up and down again with rows in every table, and neither loses nor changes what is still there', async () => {
    for (const { name } of [...migrations].reverse()) {
      await refusesWhatWouldBeLost(name);
      const before = await database.contents();
      await database.down();
      const below = await database.contents();
      expect([name, below]).toEqual([name, restrictedTo(before, below)]);
      expect([name, Object.values(below).filter((rows) => rows.length === 0)]).toEqual([name, []]);
      await database.up();
      expect([name, restrictedTo(await database.contents(), below)]).toEqual([name, below]);
      await database.downBelow(name);
      expect([name, await database.contents()]).toEqual([name, below]);
    }
    expect(await database.contents()).toEqual({});
  });

  it('is not entered by a start of any version before it', async () => {
    const before = await database.contents();
    for (const count of [0, 1, migrations.length - 1]) {
      const older = {
        ...frontendDataSourceOptions({ databaseUrl: database.url, pool }),
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
    expect(await database.contents()).toEqual(before);
  });

  async function refusesWhatWouldBeLost(name: string): Promise<void> {
    const loss = LOSSES[name];
    if (loss === undefined) return;
    await refuses(name);
    for (const sql of loss.anew ?? []) {
      await database.giveUp(name);
      await database.dataSource.query(sql);
      await refuses(sql);
    }
    await database.giveUp(name);
  }

  async function refuses(what: string): Promise<void> {
    const before = await database.contents();
    expect([what, await database.down().catch((error: unknown) => error)]).toEqual([what, expect.any(DataLossRefused)]);
    expect([what, await database.contents()]).toEqual([what, before]);
  }
});
