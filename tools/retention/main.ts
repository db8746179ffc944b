import { EnvironmentReader, poolSettings } from '@libs/config';
import { refuseNewerSchema, UnitOfWork } from '@libs/database';
import { boot, SystemClock } from '@libs/http';
import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { retentionSettings } from '../../apps/frontend/src/config/retention-settings';
import { frontendDataSourceOptions } from '../../apps/frontend/src/database/data-source-options';
import { Retention } from '../../apps/frontend/src/retention/retention.service';

/**
 * `npm run retention`, for a scheduler of your own (RETENTION=external): deletes what has come to an end in the frontend's
 * database, prints how many rows of each table, and ends.
 */
async function deleteOver(): Promise<void> {
  const env = new EnvironmentReader(process.env);
  const databaseUrl = env.databaseUrl('FRONTEND_DATABASE_URL', { sqlite: true });
  const pool = poolSettings(env, 'FRONTEND');
  const retention = retentionSettings(env);
  env.finish();
  const dataSource = await new DataSource(frontendDataSourceOptions({ databaseUrl, pool })).initialize();
  const unitOfWork = new UnitOfWork(dataSource);
  try {
    await refuseNewerSchema(dataSource);
    const report = await new Retention(dataSource, unitOfWork, { retention }, new SystemClock()).deleteOver();
    process.stdout.write(`${JSON.stringify({ deleted: report })}\n`);
  } finally {
    await unitOfWork.onModuleDestroy();
    await dataSource.destroy();
  }
}

void boot('retention', deleteOver);
