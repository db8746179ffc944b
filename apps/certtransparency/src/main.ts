import 'reflect-metadata';
import { runMigrations } from '@libs/database';
import { boot, listen } from '@libs/http';
import { CertTransparencyConfig } from './config/certtransparency.config';
import { createApp } from './create-app';
import { logDataSourceOptions } from './database/data-source-options';
import { provisionLogDatabase } from './database/provision';

/** What a developer's environment leaves out is made on the spot; any other environment must be complete. */
async function prepare() {
  const isDevelopment = (process.env['NODE_ENV'] ?? 'development') === 'development';
  if (!isDevelopment) return { variables: process.env, stop: () => Promise.resolve() };
  const { prepareCertTransparency } = await import('@libs/development');
  return prepareCertTransparency(process.env, provisionLogDatabase);
}

void boot('certtransparency', async () => {
  const { variables, stop } = await prepare();
  const config = CertTransparencyConfig.from(variables);
  await runMigrations(logDataSourceOptions(config.migratorDatabaseUrl, config.pool));
  const app = await createApp(config);
  app.getHttpServer().once('close', () => void stop());
  await listen(app, config.listener);
});
