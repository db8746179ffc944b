import type { DataSource } from 'typeorm';
import { dialectOf } from './dialect';

/** @throws Error unless the database session keeps its time in UTC */
export async function assertUtc(dataSource: DataSource): Promise<void> {
  if (dialectOf(dataSource) === 'sqlite') return;
  const rows = await dataSource.query<{ TimeZone: string }[]>('SHOW TimeZone');
  const zone = rows[0]?.TimeZone;
  if (zone !== 'UTC') throw new Error(`the database session's time zone is ${String(zone)}, not UTC`);
}
