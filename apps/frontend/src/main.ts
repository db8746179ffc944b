import 'reflect-metadata';
import { runMigrations } from '@libs/database';
import { boot, listen } from '@libs/http';
import { FrontendConfig } from './config/frontend.config';
import { createApp } from './create-app';
import { frontendDataSourceOptions } from './database/data-source-options';

/** What a developer's environment leaves out is made on the spot; any other environment must be complete. */
async function prepare() {
  const isDevelopment = (process.env['NODE_ENV'] ?? 'development') === 'development';
  if (!isDevelopment) return { variables: process.env, stop: () => Promise.resolve() };
  const { prepareFrontend } = await import('@libs/development');
  return prepareFrontend(process.env);
}

void boot('frontend', async () => {
  const { variables, stop } = await prepare();
  const config = FrontendConfig.from(variables);
  await runMigrations(frontendDataSourceOptions(config));
  const app = await createApp(config);
  app.getHttpServer().once('close', () => void stop());
  await listen(app, config.listener);
});
