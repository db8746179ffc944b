import { Client } from 'pg';
import { bootstrapRolesSql, type LogRolePasswords, MIGRATOR_ROLE, WRITER_ROLE } from './roles';

export interface LogDatabaseUrls {
  readonly writerUrl: string;
  readonly migratorUrl: string;
}

/** Name of the database that development and tests make when the URL names none of their own. */
const DATABASE = 'certtransparency';

/**
 * Makes database and roles on a server where we are superuser. In production this is the work of whoever runs the server;
 * see `bootstrapRolesSql`.
 */
export async function provisionLogDatabase(
  superuserUrl: string,
  passwords: LogRolePasswords,
  database: string = DATABASE,
): Promise<LogDatabaseUrls> {
  await createDatabase(superuserUrl, database);
  await run(withDatabase(superuserUrl, database), bootstrapRolesSql({ database, passwords }));
  return {
    writerUrl: withUser(superuserUrl, database, WRITER_ROLE, passwords.writer),
    migratorUrl: withUser(superuserUrl, database, MIGRATOR_ROLE, passwords.migrator),
  };
}

/**
 * Letters of every script are told from punctuation and have upper and lower case, which the search of names lives on;
 * text is ordered by its bytes, which no update of a C library changes.
 */
const LOCALE = `TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`;

async function createDatabase(superuserUrl: string, database: string): Promise<void> {
  const create = `CREATE DATABASE "${database.replaceAll('"', '""')}"`;
  try {
    await run(superuserUrl, `${create} ${LOCALE}`).catch((error: unknown) => {
      if (!isUnknownLocale(error)) throw error;
      return run(superuserUrl, create);
    });
  } catch (error) {
    if (!isDuplicateDatabase(error)) throw error;
  }
}

/** Not every operating system has it; then names are searched with upper and lower case alike for ASCII alone. */
function isUnknownLocale(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '42809';
}

/** Two that create the same database at once: one is told that it exists, or that its name is taken in the catalogue. */
function isDuplicateDatabase(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '42P04' || error.code === '23505');
}

async function run(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.toString();
}

function withUser(url: string, database: string, user: string, password: string): string {
  const changed = new URL(withDatabase(url, database));
  changed.username = user;
  changed.password = encodeURIComponent(password);
  return changed.toString();
}
