import type { PoolSettings } from '@libs/config';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { DataSourceOptions, EntitySchema, MigrationInterface } from 'typeorm';
import { dialectOfUrl } from './dialect';
import { PostgresClient, PreparingClient } from './postgres-client';

type Class<T> = new (...parameters: never[]) => T;

export interface DatabaseDefinition {
  /** `postgres://…` or `sqlite:path`. */
  readonly url: string;
  readonly pool: PoolSettings;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** PostgreSQL parses and plans each statement once for a connection (`PreparingClient`). */
  readonly preparesStatements?: boolean;
  readonly entities: readonly (Class<unknown> | EntitySchema)[];
  /** In order; an explicit list, so that what runs is what was reviewed. */
  readonly migrations: readonly Class<MigrationInterface>[];
}

/**
 * TypeORM options of one service's own database. Nothing is synchronised and nothing migrates by itself; undefined in a
 * `where` is an error instead of «any row»; times are UTC on either database.
 */
export function dataSourceOptions(definition: DatabaseDefinition): DataSourceOptions {
  const common = {
    entities: [...definition.entities] as Class<unknown>[],
    migrations: [...definition.migrations] as Class<MigrationInterface>[],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each' as const,
    migrationsRun: false,
    synchronize: false,
    logging: false as const,
    invalidWhereValuesBehavior: { undefined: 'throw' as const, null: 'throw' as const },
  };
  return dialectOfUrl(definition.url) === 'sqlite' ? sqlite(definition, common) : postgres(definition, common);
}

/** Readers and the one writer do not block each other, and a writer waits for its turn. */
function sqlite(definition: DatabaseDefinition, common: object): DataSourceOptions {
  const database = definition.url.slice('sqlite:'.length);
  mkdirSync(dirname(database), { recursive: true, mode: 0o700 });
  return { ...common, type: 'sqlite', driver: quietSqlite(), database, enableWAL: true, busyTimeout: 15_000 };
}

/**
 * sqlite3 as TypeORM asks for it, but silent: its `verbose` prepares a longer stack trace for every statement, which is a third of a
 * small request's time. Loaded where SQLite is used alone.
 */
function quietSqlite(): object {
  const sqlite3 = createRequire(__filename)('sqlite3') as object;
  const quiet = Object.assign(Object.create(sqlite3) as object, { verbose: () => quiet });
  return quiet;
}

function postgres(definition: DatabaseDefinition, common: object): DataSourceOptions {
  const { pool } = definition;
  return {
    ...common,
    type: 'postgres',
    url: definition.url,
    applicationName: definition.applicationName,
    poolSize: pool.size,
    connectTimeoutMS: pool.connectTimeoutMs,
    parseInt8: false,
    extra: {
      Client: definition.preparesStatements === true ? PreparingClient : PostgresClient,
      statement_timeout: pool.statementTimeoutMs,
      idle_in_transaction_session_timeout: pool.statementTimeoutMs,
      keepAlive: true,
      options: '-c TimeZone=UTC',
    },
  };
}
