import { randomBytes, randomUUID } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { runMigrations } from '@libs/database';
import { testPostgresUrl } from '@libs/testing';
import { generateNoteKey, type Ed25519Signer } from '@libs/tlog';
import { Client } from 'pg';
import { CertTransparencyConfig } from '../src/config/certtransparency.config';
import { createApp } from '../src/create-app';
import { logDataSourceOptions } from '../src/database/data-source-options';
import { type LogDatabaseUrls, provisionLogDatabase } from '../src/database/provision';

/** Roles belong to the whole server, so every test that shares it must give them the same passwords. */
export const PASSWORDS = {
  migrator: 'test-password-of-the-migrator',
  writer: 'test-password-of-the-writer',
  reader: 'test-password-of-the-reader',
  auditor: 'test-password-of-the-auditor',
};

export const WRITER_KEY = 'w'.repeat(40);
export const READER_KEY = 'r'.repeat(40);
export const POOL = { size: 10, connectTimeoutMs: 5_000, statementTimeoutMs: 20_000 };

export interface LogDatabaseFixture extends LogDatabaseUrls {
  readonly superuserUrl: string;
  readonly readerUrl: string;
  readonly auditorUrl: string;
  readonly drop: () => Promise<void>;
}

/** A database with roles and without a schema. */
export async function createLogDatabase(server: string = testPostgresUrl()): Promise<LogDatabaseFixture> {
  const name = `log_${randomBytes(8).toString('hex')}`;
  const urls = await provisionLogDatabase(server, PASSWORDS, name);
  const as = (user: string, password: string) => {
    const url = new URL(urls.writerUrl);
    url.username = user;
    url.password = password;
    return url.toString();
  };
  const superuser = new URL(server);
  superuser.pathname = `/${name}`;
  return {
    ...urls,
    superuserUrl: superuser.toString(),
    readerUrl: as('ct_reader', PASSWORDS.reader),
    auditorUrl: as('ct_auditor', PASSWORDS.auditor),
    drop: () => query(server, `DROP DATABASE ${name} WITH (FORCE)`).then(() => undefined),
  };
}

export async function migratedLogDatabase(server?: string): Promise<LogDatabaseFixture> {
  const database = await createLogDatabase(server);
  await runMigrations(logDataSourceOptions(database.migratorUrl, POOL));
  return database;
}

/** Runs statements on a connection of their own and answers the last one's rows. */
export async function query(url: string, sql: string, parameters?: unknown[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(sql, parameters);
    return Array.isArray(result) ? (result.at(-1) as { rows: Record<string, unknown>[] }).rows : result.rows;
  } finally {
    await client.end();
  }
}

export interface RunningLog {
  readonly app: NestExpressApplication;
  readonly url: string;
  readonly signer: Ed25519Signer;
  readonly close: () => Promise<void>;
}

/** The service on a free port; several on one database are replicas when they share a signer. */
export async function startLog(
  database: LogDatabaseUrls,
  options: { readonly signer?: Ed25519Signer; readonly variables?: Record<string, string> } = {},
): Promise<RunningLog> {
  const signer = options.signer ?? generateNoteKey(`log.example/${randomUUID()}`);
  const config = CertTransparencyConfig.from({
    NODE_ENV: 'test',
    CT_DATABASE_URL: database.writerUrl,
    CT_MIGRATOR_DATABASE_URL: database.migratorUrl,
    CT_WRITER_KEYS: WRITER_KEY,
    CT_READER_KEYS: READER_KEY,
    CT_CHECKPOINT_KEY: signer.printPrivateKey(),
    ...options.variables,
  });
  const app = await createApp(config);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl(), signer, close: () => app.close() };
}
