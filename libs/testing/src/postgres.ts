import { startPostgres as start, type EmbeddedPostgres } from '@libs/development';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

/** A server of its own in a temporary folder, gone after `stop`. For tests that crash or restart it; others share `testPostgresUrl()`. */
export async function startTestPostgres(options: { readonly durable?: boolean } = {}): Promise<EmbeddedPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'ovpn-pg-'));
  chmodSync(folder, 0o755);
  const server = await start({ dataDirectory: join(folder, 'data'), port: 0, durable: options.durable ?? false });
  return {
    ...server,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Superuser URL of the server that the whole test run shares (jest's global setup started it, or TEST_POSTGRES_URL named it). */
export function testPostgresUrl(): string {
  const url = process.env['TEST_POSTGRES_URL'];
  if (url === undefined) throw new Error('no PostgreSQL for tests: run through jest.config.ts');
  return url;
}

export interface TestDatabase {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** An empty database on the shared server, superuser as owner. */
export async function createPostgresDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asSuperuser(`CREATE DATABASE ${name}`);
  const url = new URL(testPostgresUrl());
  url.pathname = `/${name}`;
  return { url: url.toString(), drop: () => asSuperuser(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function asSuperuser(sql: string): Promise<void> {
  const client = new Client({ connectionString: testPostgresUrl() });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
