import { Client } from 'pg';
import { Database } from 'sqlite3';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSourceOptions } from 'typeorm';

/** Any constant will do, as long as every replica of a service uses the same one in its own database. */
const ADVISORY_LOCK = 0x6f76706e;
const WAIT_MS = 120_000;

/**
 * Runs the work while no other process that asks for the same lock does: a session advisory lock on a connection of its
 * own, or an exclusive transaction on a file beside the SQLite database. Either is gone with the process that held it.
 */
export async function withMigrationLock<T>(options: DataSourceOptions, work: () => Promise<T>): Promise<T> {
  if (options.type === 'postgres') return withAdvisoryLock(options, work);
  if (options.type === 'sqlite') return withLockFile(`${options.database}.migration-lock`, work);
  throw new Error(`unsupported database type ${options.type}`);
}

async function withAdvisoryLock<T>(
  options: Extract<DataSourceOptions, { type: 'postgres' }>,
  work: () => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: options.url,
    connectionTimeoutMillis: options.connectTimeoutMS,
    statement_timeout: WAIT_MS,
    application_name: `${options.applicationName ?? 'openvpn-manager'} migration lock`,
  });
  // A connection that breaks while it is idle is noticed by the next query.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    return await work();
  } finally {
    await client.end();
  }
}

async function withLockFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  const database = await opened(path);
  try {
    await exclusive(database);
    return await work();
  } finally {
    await new Promise<void>((resolve) => {
      database.close(() => {
        resolve();
      });
    });
  }
}

async function opened(path: string): Promise<Database> {
  return new Promise((resolve, reject) => {
    const database = new Database(path, (error) => {
      if (error) reject(error);
      else resolve(database);
    });
  });
}

async function exclusive(database: Database): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const error = await new Promise<Error | null>((resolve) => {
      database.run('BEGIN EXCLUSIVE', resolve);
    });
    if (!error) return;
    if (!error.message.includes('SQLITE_BUSY') || Date.now() > deadline) throw error;
    await sleep(50);
  }
}
