import { createPostgresDatabase } from '@libs/testing';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '.';

const pool = { size: 1, connectTimeoutMs: 5_000, statementTimeoutMs: 15_000 };

describe('prepared statements', () => {
  let dataSource: DataSource;
  let drop: () => Promise<void>;

  beforeEach(async () => {
    const database = await createPostgresDatabase();
    drop = database.drop;
    const definition = { url: database.url, pool, applicationName: 'test', entities: [], migrations: [] };
    const options = dataSourceOptions({ ...definition, preparesStatements: true });
    dataSource = await new DataSource(options).initialize();
  });
  afterEach(async () => {
    await dataSource.destroy();
    await drop();
  });

  async function prepared(): Promise<string[]> {
    const rows = await dataSource.query<{ statement: string }[]>('SELECT statement FROM pg_prepared_statements');
    return rows.map(({ statement }) => statement);
  }

  it('are those with parameters, each once', async () => {
    for (const n of [1, 2, 3]) expect(await dataSource.query('SELECT $1::int + 1 AS n', [n])).toEqual([{ n: n + 1 }]);
    await dataSource.query('SELECT 1');
    await dataSource.query('SELECT 2', []);
    expect(await prepared()).toEqual(['SELECT $1::int + 1 AS n']);
  });

  it('are prepared again where that failed', async () => {
    const read = () => dataSource.query<unknown[]>('SELECT n FROM thing WHERE n = $1', [1]);
    await expect(read()).rejects.toThrow('does not exist');
    await dataSource.query('CREATE TABLE thing (n integer)');
    expect(await read()).toEqual([]);
    await dataSource.query('INSERT INTO thing VALUES ($1)', [1]);
    expect(await read()).toEqual([{ n: 1 }]);
  });

  it('go on when a column is added, as by a newer version that starts meanwhile', async () => {
    await dataSource.query('CREATE TABLE thing (n integer)');
    const read = () => dataSource.query<unknown[]>('SELECT n FROM thing WHERE n >= $1', [0]);
    const add = () => dataSource.query('INSERT INTO thing (n) VALUES ($1) RETURNING n', [7]);
    for (let i = 0; i < 6; i += 1) {
      await add();
      await read();
    }
    await dataSource.query("ALTER TABLE thing ADD COLUMN m text NOT NULL DEFAULT ''");
    await add();
    expect(await read()).toHaveLength(7);
  });

  it('are limited in number and length, and the others run all the same', async () => {
    for (let i = 0; i < 250; i += 1) await dataSource.query(`SELECT $1::int AS n${String(i)}`, [i]);
    const long = `SELECT $1::int AS n /* ${'x'.repeat(8_000)} */`;
    expect(await dataSource.query(long, [1])).toEqual([{ n: 1 }]);
    const statements = await prepared();
    expect(statements.length).toBeLessThanOrEqual(200);
    expect(statements.length).toBeGreaterThan(150);
    expect(statements).not.toContain(long);
  });
});
