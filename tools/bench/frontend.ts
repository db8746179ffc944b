import 'reflect-metadata';
import { runMigrations } from '@libs/database';
import { Client } from 'pg';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { frontendDataSourceOptions } from '../../apps/frontend/src/database/data-source-options';
import { fillFrontend, type FrontendCredentials } from './frontend-data';
import { FrontendLoad, type Workload } from './frontend-load';
import { type FrontendBenchOptions, readOptions } from './frontend-options';
import { frontendVariables } from './frontend-variables';
import { type IssuingStack, startIssuingStack } from './issuing-stack';
import type { LoadResult } from './load';
import { Cleanup } from './log-cleanup';
import { median, progress, Report } from './log-report';
import { ServiceProcess } from './service-process';

const POOL = { size: 4, connectTimeoutMs: 5_000, statementTimeoutMs: 60_000 };
/** Until V8 has compiled what a request runs through: the second five seconds of downloads are a quarter faster than the first. */
const WARM_UP_SECONDS = 8;
/** More than any machine of today downloads in the time. */
const LINKS_PER_SECOND = 1_000;

/**
 * `npm run bench:frontend`: the frontend as a process, on PostgreSQL and on SQLite, over signing and a log with a million
 * entries. Progress goes to standard error, the figures to standard output, one JSON object on each line.
 */
async function measure(options: FrontendBenchOptions): Promise<void> {
  const cleanup = new Cleanup();
  const report = new Report();
  try {
    progress(`loading ${String(options.entries)} entries`);
    const stack = await startIssuingStack(cleanup, { entries: options.entries });
    await measureOn('', await createDatabase(stack), { stack, options, report, cleanup });
    const file = `sqlite:${join(stack.server.folder, 'frontend.sqlite')}`;
    await measureOn('_sqlite', file, { stack, options, report, cleanup });
    report.print();
  } finally {
    await cleanup.run();
  }
}

interface Surroundings {
  readonly stack: IssuingStack;
  readonly options: FrontendBenchOptions;
  readonly report: Report;
  readonly cleanup: Cleanup;
}

async function createDatabase({ server }: IssuingStack): Promise<string> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  await client.query('CREATE DATABASE frontend');
  await client.end();
  return Object.assign(new URL(server.url), { pathname: '/frontend' }).toString();
}

/** @param suffix of the figures' names */
async function measureOn(suffix: string, databaseUrl: string, world: Surroundings): Promise<void> {
  const { stack, cleanup } = world;
  const credentials = await filled(databaseUrl, world.options);
  // SQLite is for development, and refused in production.
  const environment = databaseUrl.startsWith('sqlite:') ? { NODE_ENV: 'development' } : {};
  const variables = { ...frontendVariables(stack, databaseUrl), ...environment };
  const service = await ServiceProcess.start('frontend', variables);
  cleanup.add(() => service.stop());
  const load = new FrontendLoad(service.url, credentials);
  try {
    for (const workload of load.workloads())
      reportWorkload(workload, suffix, await rounds(load, workload, world), world);
  } finally {
    await load.close();
  }
  world.report.figure(`rss_mb${suffix}`, service.residentMb(), 'MB');
  await service.stop();
}

async function filled(databaseUrl: string, options: FrontendBenchOptions): Promise<FrontendCredentials> {
  const settings = frontendDataSourceOptions({ databaseUrl, pool: POOL });
  await runMigrations(settings);
  const database = await new DataSource(settings).initialize();
  const seconds = options.rounds * options.seconds + WARM_UP_SECONDS;
  const credentials = await fillFrontend(database, { psks: options.psks, downloadTokens: seconds * LINKS_PER_SECOND });
  await database.destroy();
  return credentials;
}

async function rounds(load: FrontendLoad, workload: Workload, { options }: Surroundings): Promise<LoadResult[]> {
  const results: LoadResult[] = [];
  await load.measure(workload, WARM_UP_SECONDS);
  for (let round = 0; round < options.rounds; round += 1) {
    const result = await load.measure(workload, options.seconds);
    progress(`${workload.name}: ${result.perSecond.toFixed(0)}/s, p99 ${result.p99Ms.toFixed(1)} ms`);
    results.push(result);
  }
  return results;
}

/** What was searched or looked up belongs to the names of some figures: `_10k`, `_1m`. */
function sizeOf(workload: string, { psks, entries }: FrontendBenchOptions): string {
  const size = { psk_rejection: psks, admin_search: entries }[workload];
  if (size === undefined) return '';
  return size >= 1e6 ? `_${String(size / 1e6)}m` : `_${String(size / 1e3)}k`;
}

function reportWorkload(
  { name, inFlight }: Workload,
  suffix: string,
  results: readonly LoadResult[],
  { report, options }: Surroundings,
): void {
  const size = sizeOf(name, options);
  const figure = (field: 'perSecond' | 'p50Ms' | 'p99Ms') => median(results.map((result) => result[field]));
  report.figure(`${name}_per_second_c${String(inFlight)}${size}${suffix}`, figure('perSecond'), 'requests/s');
  report.figure(`${name}_p50_ms${size}${suffix}`, figure('p50Ms'), 'ms');
  report.figure(`${name}_p99_ms${size}${suffix}`, figure('p99Ms'), 'ms');
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
  process.exitCode = 1;
}

const options = readOptions(process.argv.slice(2));
if (options === undefined) process.exitCode = 2;
else measure(options).catch(fail);
