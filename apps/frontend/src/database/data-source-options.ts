import { dataSourceOptions } from '@libs/database';
import type { DataSourceOptions } from 'typeorm';
import type { FrontendConfig } from '../config/frontend.config';
import { entities } from './entities';
import { migrations } from './migrations';

/** The frontend's database, as the application and the TypeORM command line open it. */
export function frontendDataSourceOptions(config: Pick<FrontendConfig, 'databaseUrl' | 'pool'>): DataSourceOptions {
  return dataSourceOptions({
    url: config.databaseUrl,
    pool: config.pool,
    applicationName: 'openvpn-manager frontend',
    preparesStatements: true,
    entities,
    migrations,
  });
}
