import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPostgresDatabase, type TestDatabase } from './postgres';

export interface TestDatabaseKind {
  readonly name: 'sqlite' | 'postgres';
  readonly create: () => Promise<TestDatabase>;
}

/** For `describe.each(testDatabases())`: the same suite on every database that the frontend supports. */
export function testDatabases(): readonly TestDatabaseKind[] {
  return [
    { name: 'sqlite', create: createSqliteDatabase },
    { name: 'postgres', create: createPostgresDatabase },
  ];
}

/** A file, as in development: an in-memory database would have one connection only. */
async function createSqliteDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'ovpn-sqlite-'));
  return Promise.resolve({
    url: `sqlite:${join(folder, 'test.sqlite')}`,
    drop: async () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
}
