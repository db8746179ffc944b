import type { OnApplicationShutdown } from '@nestjs/common';
import { assertUtc } from '@libs/database';
import { Pool, type PoolClient } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { isRefusal, LogUnavailable } from './log-unavailable';

type Row = Readonly<Record<string, unknown>>;

/** The log's database in the runtime role: a pool for reading, and a connection for the write gate that no search can use up. */
export class LogDatabase implements OnApplicationShutdown {
  private constructor(
    private readonly dataSource: DataSource,
    private readonly writers: Pool,
  ) {}

  static async open(options: DataSourceOptions): Promise<LogDatabase> {
    const dataSource = await new DataSource(options).initialize();
    await assertUtc(dataSource);
    return new LogDatabase(dataSource, writerPool(options));
  }

  /**
   * The rows of one statement. Numbers of 64 bits come as text: see `safeInteger`.
   * @throws LogUnavailable when the database does not answer
   */
  async rows<T extends Row>(sql: string, parameters: readonly unknown[] = []): Promise<readonly T[]> {
    try {
      return await this.dataSource.query<T[]>(sql, [...parameters]);
    } catch (error) {
      throw isRefusal(error) ? error : new LogUnavailable(error);
    }
  }

  /** The first row of one statement. */
  async row<T extends Row>(sql: string, parameters: readonly unknown[] = []): Promise<T | undefined> {
    const [row] = await this.rows<T>(sql, parameters);
    return row;
  }

  /**
   * The connection of the write gate, which sends what it is told without waiting for the answer before. One at a time; to
   * be given back with `release`.
   */
  async writer(): Promise<PoolClient> {
    return this.writers.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.writers.end();
    await this.dataSource.destroy();
  }
}

function writerPool(options: DataSourceOptions): Pool {
  if (options.type !== 'postgres') throw new Error('the log is kept in PostgreSQL');
  const pool = new Pool({
    ...(options.extra as object),
    connectionString: options.url,
    application_name: `${options.applicationName ?? 'certtransparency'} write gate`,
    connectionTimeoutMillis: options.connectTimeoutMS,
    max: 1,
    pipeline: true,
  });
  // A connection that dies while it waits has left the pool already; the next batch opens another.
  pool.on('error', () => undefined);
  return pool;
}

/** A bigint of PostgreSQL as a number; one that a number does not hold exactly is an error and never rounded. */
export function safeInteger(text: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new Error('a number of the database is out of range');
  return value;
}
