import { testDatabases } from '@libs/testing';
import { DataSource, EntitySchema } from 'typeorm';
import { dataSourceOptions, isUniqueViolation, lockRow, UnitOfWork } from '.';

const pool = { size: 10, connectTimeoutMs: 5_000, statementTimeoutMs: 15_000 };

interface Thing {
  readonly id: string;
  readonly n: number;
}
const Thing = new EntitySchema<Thing>({
  name: 'thing',
  columns: { id: { type: 'varchar', primary: true }, n: { type: 'integer' } },
});

describe.each(testDatabases())('units of work on $name', ({ create }) => {
  let dataSource: DataSource;
  let unitOfWork: UnitOfWork;
  let drop: () => Promise<void>;

  beforeEach(async () => {
    const database = await create();
    drop = database.drop;
    const definition = { url: database.url, pool, applicationName: 'test', entities: [Thing], migrations: [] };
    dataSource = await new DataSource(dataSourceOptions(definition)).initialize();
    await dataSource.query('CREATE TABLE thing (id varchar(36) PRIMARY KEY, n integer NOT NULL)');
    unitOfWork = new UnitOfWork(dataSource);
  });
  afterEach(async () => {
    await unitOfWork.onModuleDestroy();
    await dataSource.destroy();
    await drop();
  });

  it('let single statements through beside them, many at once', async () => {
    const works = Array.from({ length: 50 }, async (_, index) => {
      const id = String(index);
      if (index % 2 === 0) await unitOfWork.single((manager) => manager.insert(Thing, { id, n: 1 }));
      else {
        await unitOfWork.run(async (manager) => {
          await manager.insert(Thing, { id, n: 0 });
          await manager.update(Thing, { id }, { n: 1 });
        });
      }
    });
    await Promise.all(works);
    expect(await dataSource.getRepository(Thing).countBy({ n: 1 })).toBe(50);
  });

  it('follow each other where they lock the same row', async () => {
    await dataSource.getRepository(Thing).insert({ id: 'a', n: 0 });
    const increments = Array.from({ length: 20 }, () =>
      unitOfWork.run(async (manager) => {
        await lockRow(manager, Thing, 'a');
        const { n } = await manager.findOneByOrFail(Thing, { id: 'a' });
        await manager.update(Thing, { id: 'a' }, { n: n + 1 });
      }),
    );
    await Promise.all(increments);
    expect(await dataSource.getRepository(Thing).findOneBy({ id: 'a' })).toEqual({ id: 'a', n: 20 });
  });

  it('tell a row that exists already from other failures', async () => {
    const insert = (row: object) => dataSource.getRepository(Thing).insert(row);
    await insert({ id: 'a', n: 1 });
    const failures = await Promise.allSettled([insert({ id: 'a', n: 2 }), insert({ id: 'b' })]);
    const reasons = failures.map((outcome): unknown => (outcome.status === 'rejected' ? outcome.reason : undefined));
    expect(reasons.map(isUniqueViolation)).toEqual([true, false]);
    expect(isUniqueViolation(new Error('UNIQUE constraint failed'))).toBe(false);
  });
});
