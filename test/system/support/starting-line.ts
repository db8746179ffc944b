import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { withMigrationLock } from '@libs/database';
import { Client } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import type { KillableService } from '../../log/support/killable-service';
import { eventually } from '../../support/eventually';

const PATIENCE_MS = 30_000;

/**
 * Starts services that migrate the same database so that not one of them can begin before the others have arrived: the lock is
 * held until all of them want it. Resolves once all are ready.
 *
 * @param options of the database that they migrate
 */
export async function startTogether(services: readonly KillableService[], options: DataSourceOptions): Promise<void> {
  let ready: Promise<unknown> = Promise.resolve();
  await withMigrationLock(options, async () => {
    ready = Promise.all(services.map((service) => service.run()));
    ready.catch(() => undefined);
    await eventually(async () => (await waiting(services, options)) === services.length, PATIENCE_MS);
  });
  await ready;
}

/** How many of them want the lock. */
async function waiting(services: readonly KillableService[], options: DataSourceOptions): Promise<number> {
  if (options.type === 'postgres') return waitingSessions(String(options.url));
  return services.filter(({ pid }) => pid !== undefined && hasLockFileOpen(pid)).length;
}

async function waitingSessions(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_locks JOIN pg_database d ON d.oid = database
       WHERE locktype = 'advisory' AND NOT granted AND d.datname = current_database()`,
    );
    return rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}

function hasLockFileOpen(pid: number): boolean {
  const folder = `/proc/${String(pid)}/fd`;
  return readdirSync(folder).some((name) => targetOf(join(folder, name)).endsWith('.migration-lock'));
}

/** A file may have been closed since the folder was read. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
