import 'reflect-metadata';
import { ConfigurationError, EnvironmentReader, isDevelopment, poolSettings, type Variables } from '@libs/config';
import { StartError } from '@libs/http';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { logDataSourceOptions } from './apps/certtransparency/src/database/data-source-options';
import { provisionLogDatabase } from './apps/certtransparency/src/database/provision';
import { frontendDataSourceOptions } from './apps/frontend/src/database/data-source-options';

/** The TypeORM command line's entry: SERVICE=frontend|certtransparency says whose database is meant. */
async function dataSource(variables: Variables): Promise<DataSource> {
  switch (variables['SERVICE']) {
    case 'frontend':
      return new DataSource(await frontendOptions(variables));
    case 'certtransparency':
      return new DataSource(await certTransparencyOptions(variables));
    default:
      throw new ConfigurationError(['SERVICE must be frontend or certtransparency']);
  }
}

async function frontendOptions(given: Variables): Promise<DataSourceOptions> {
  const variables = isDevelopment(given) ? await frontendDevelopment(given) : given;
  const env = new EnvironmentReader(variables);
  const databaseUrl = env.databaseUrl('FRONTEND_DATABASE_URL', { sqlite: true });
  const pool = poolSettings(env, 'FRONTEND');
  env.finish();
  return frontendDataSourceOptions({ databaseUrl, pool });
}

async function frontendDevelopment(given: Variables): Promise<Variables> {
  const { DevelopmentData, frontendDefaults } = await import('@libs/development');
  return { ...frontendDefaults(new DevelopmentData(given)), ...given };
}

async function certTransparencyOptions(given: Variables): Promise<DataSourceOptions> {
  const variables = isDevelopment(given) ? await certTransparencyDevelopment(given) : given;
  const env = new EnvironmentReader(variables);
  const migratorDatabaseUrl = env.databaseUrl('CT_MIGRATOR_DATABASE_URL', { sqlite: false });
  const pool = poolSettings(env, 'CT');
  env.finish();
  return logDataSourceOptions(migratorDatabaseUrl, pool);
}

async function certTransparencyDevelopment(given: Variables): Promise<Variables> {
  const { prepareCertTransparency } = await import('@libs/development');
  return (await prepareCertTransparency(given, provisionLogDatabase)).variables;
}

/** What a person can mend is one sentence; the command line would print a stack. */
function explain(error: unknown): never {
  if (!(error instanceof ConfigurationError || error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

export default dataSource(process.env).catch(explain);
