import { startTestPostgres } from '../libs/testing/src/postgres';

/** One PostgreSQL for the whole run; TEST_POSTGRES_URL (a superuser's) lets another take its place. */
export default async function globalSetup(): Promise<void> {
  if (process.env['TEST_POSTGRES_URL']) return;
  const server = await startTestPostgres();
  process.env['TEST_POSTGRES_URL'] = server.url;
  Reflect.set(globalThis, 'stopTestPostgres', server.stop);
}
