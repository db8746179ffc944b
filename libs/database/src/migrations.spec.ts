import { StartError } from '@libs/config';
import { testDatabases } from '@libs/testing';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  dataSourceOptions,
  DataLossRefused,
  dialectOf,
  refuseDataLoss,
  runMigrations,
  SchemaIsNewer,
  UnitOfWork,
} from '.';
import { assertUtc } from './utc';

const pool = { size: 10, connectTimeoutMs: 5_000, statementTimeoutMs: 15_000 };

class CreateThings1700000000000 implements MigrationInterface {
  readonly name = 'CreateThings1700000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // Slow enough for every other replica to arrive meanwhile.
    if (dialectOf(queryRunner) === 'postgres') await queryRunner.query('SELECT pg_sleep(0.2)');
    await queryRunner.query('CREATE TABLE thing (id integer PRIMARY KEY, n integer NOT NULL)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await refuseDataLoss(queryRunner, 'thing');
    await queryRunner.query('DROP TABLE thing');
  }
}

describe.each(testDatabases())('migrations and units of work on $name', ({ create }) => {
  let url: string;
  let drop: () => Promise<void>;
  const options = (migrations = [CreateThings1700000000000]) =>
    dataSourceOptions({ url, pool, applicationName: 'test', entities: [], migrations });
  const connect = async () => new DataSource(options()).initialize();

  beforeEach(async () => {
    ({ url, drop } = await create());
  });
  afterEach(() => drop());

  it('migrates once when four replicas start together', async () => {
    const runs = await Promise.all([1, 2, 3, 4].map(() => runMigrations(options())));
    expect(runs.flat()).toEqual(['CreateThings1700000000000']);
    await expect(runMigrations(options())).resolves.toEqual([]);
  });

  it('refuses a schema newer than the code', async () => {
    await runMigrations(options());
    const start = runMigrations(options([]));
    await expect(start).rejects.toThrow(SchemaIsNewer);
    // As which the process ends with this sentence and without a stack.
    await expect(start).rejects.toBeInstanceOf(StartError);
    await expect(start).rejects.toThrow(/schema is newer than this version: it has CreateThings1700000000000/);
  });

  it('goes down only while nothing is lost', async () => {
    await runMigrations(options());
    const dataSource = await connect();
    try {
      await dataSource.query('INSERT INTO thing VALUES (1, 1)');
      await expect(dataSource.undoLastMigration()).rejects.toThrow(DataLossRefused);
      await expect(dataSource.query('SELECT n FROM thing')).resolves.toEqual([{ n: 1 }]);
      await dataSource.query('DELETE FROM thing');
      await dataSource.undoLastMigration();
      await expect(dataSource.query('SELECT n FROM thing')).rejects.toThrow();
    } finally {
      await dataSource.destroy();
    }
  });

  it('keeps concurrent units of work apart and rolls back the one that fails', async () => {
    await runMigrations(options());
    const dataSource = await connect();
    const unitOfWork = new UnitOfWork(dataSource);
    try {
      await dataSource.query('INSERT INTO thing VALUES (0, 0)');
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) =>
          unitOfWork.run(async (manager) => {
            await manager.query('UPDATE thing SET n = n + 1 WHERE id = 0');
            await manager.query(`INSERT INTO thing VALUES (${String(i + 1)}, 1)`);
            if (i % 2 === 1) throw new Error('fails after its writes');
          }),
        ),
      );
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(10);
      await expect(dataSource.query('SELECT n FROM thing WHERE id = 0')).resolves.toEqual([{ n: 10 }]);
      await expect(dataSource.query('SELECT id FROM thing WHERE id > 0')).resolves.toHaveLength(10);
    } finally {
      await unitOfWork.onModuleDestroy();
      await dataSource.destroy();
    }
  });

  it('a statement beside a unit of work is not rolled back with it', async () => {
    await runMigrations(options());
    const dataSource = await connect();
    const unitOfWork = new UnitOfWork(dataSource);
    try {
      let beside: Promise<unknown> | undefined;
      const failing = unitOfWork.run(async (manager) => {
        await manager.query('INSERT INTO thing VALUES (1, 1)');
        beside = dataSource.query('INSERT INTO thing VALUES (2, 2)');
        await new Promise((resolve) => setTimeout(resolve, 50));
        throw new Error('rolled back');
      });
      await expect(failing).rejects.toThrow('rolled back');
      await beside;
      await expect(dataSource.query('SELECT id FROM thing')).resolves.toEqual([{ id: 2 }]);
    } finally {
      await unitOfWork.onModuleDestroy();
      await dataSource.destroy();
    }
  });

  it('keeps the session in UTC', async () => {
    const dataSource = await connect();
    await expect(assertUtc(dataSource)).resolves.toBeUndefined();
    await dataSource.destroy();
  });
});
