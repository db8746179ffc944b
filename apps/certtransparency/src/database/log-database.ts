import type { OnApplicationShutdown } from '@nestjs/common';
import { assertUtc } from '@libs/database';
import type { Pool, PoolClient } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { isRefusal, LogUnavailable } from './log-unavailable';

type Row = Readonly<Record<string, unknown>>;

/** The log's database in the runtime role: one pool for reading and for the write gate. */
export class LogDatabase implements OnApplicationShutdown {
  private constructor(private readonly dataSource: DataSource) {}

  static async open(options: DataSourceOptions): Promise<LogDatabase> {
    const dataSource = await new DataSource(options).initialize();
    await assertUtc(dataSource);
    return new LogDatabase(dataSource);
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

  /** A connection of its own, for a transaction that must know exactly what was sent. To be given back with `release`. */
  async connection(): Promise<PoolClient> {
    const { driver } = this.dataSource;
    if (!(driver instanceof PostgresDriver)) throw new Error('the log is kept in PostgreSQL');
    const pool: Pool = driver.master as Pool;
    return pool.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.dataSource.destroy();
  }
}

/** A bigint of PostgreSQL as a number; one that a number does not hold exactly is an error and never rounded. */
export function safeInteger(text: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new Error('a number of the database is out of range');
  return value;
}
