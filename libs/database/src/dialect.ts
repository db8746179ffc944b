import type { DataSource, QueryRunner } from 'typeorm';

export type Dialect = 'postgres' | 'sqlite';

/** The database that a data source or a migration's query runner talks to. */
export function dialectOf(source: DataSource | Pick<QueryRunner, 'connection'>): Dialect {
  const { type } = 'connection' in source ? source.connection.options : source.options;
  if (type === 'postgres') return 'postgres';
  if (type === 'sqlite') return 'sqlite';
  throw new Error(`unsupported database type ${type}`);
}

export function dialectOfUrl(url: string): Dialect {
  return url.startsWith('sqlite:') ? 'sqlite' : 'postgres';
}

/** Column types that differ between the two databases: for hand-written migrations that run on both. */
export interface SqlTypes {
  /** UTC with milliseconds. */
  readonly timestamp: string;
  readonly boolean: string;
  readonly bigint: string;
  readonly true: string;
  readonly false: string;
}

const SQL_TYPES: Readonly<Record<Dialect, SqlTypes>> = {
  postgres: { timestamp: 'timestamptz(3)', boolean: 'boolean', bigint: 'bigint', true: 'true', false: 'false' },
  sqlite: { timestamp: 'datetime', boolean: 'boolean', bigint: 'integer', true: '1', false: '0' },
};

export function sqlTypes(queryRunner: QueryRunner): SqlTypes {
  return SQL_TYPES[dialectOf(queryRunner)];
}
