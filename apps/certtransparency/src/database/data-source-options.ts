import type { PoolSettings } from '@libs/config';
import { dataSourceOptions } from '@libs/database';
import type { DataSourceOptions } from 'typeorm';
import { migrations } from './migrations';

/**
 * The log's database, for the runtime role or the migrator by URL. There are no entities: rows go in by the write gate
 * alone, and TypeORM's `save` and `clear` would be the UPDATE and TRUNCATE that the schema refuses.
 */
export function logDataSourceOptions(url: string, pool: PoolSettings): DataSourceOptions {
  return dataSourceOptions({ url, pool, applicationName: 'certtransparency', entities: [], migrations });
}
