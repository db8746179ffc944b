import 'reflect-metadata';
import { Client } from 'pg';
import { loadLargeLog } from '../../test/log/support/large-log';
import { measureAppends } from './log-appends';
import { Cleanup } from './log-cleanup';
import { measureFsck } from './log-fsck';
import { measureGrowth } from './log-growth';
import { type BenchOptions, readOptions } from './log-options';
import { progress, Report } from './log-report';
import { type LoadedLog, measureSearches } from './log-search';
import { BenchServer } from './log-server';
import type { Surroundings } from './log-surroundings';

/** Of a log whose appends share commits as they do with sixteen in flight: all that wait go into the next one. */
const ENTRIES_PER_CHECKPOINT = 16;

/**
 * `npm run bench:log`: appends, searches, growth and audit of the certificate log, with everything durable and on one
 * server. Progress goes to standard error, the figures to standard output, one JSON object on each line.
 */
async function measure(options: BenchOptions): Promise<void> {
  const cleanup = new Cleanup();
  try {
    const server = await BenchServer.start(cleanup);
    const world: Surroundings = { server, options, report: new Report(), cleanup };
    await measureAppends(world);
    await measureSearches(await loadedLog('fewer', options.fewerEntries, world), '100k', world);
    const large = await loadedLog('large', options.entries, world);
    await measureSearches(large, '1m', world);
    await measureFsck(large, world);
    await measureGrowth(large, world);
    world.report.print();
  } finally {
    await cleanup.run();
  }
}

async function loadedLog(name: string, entries: number, { server }: Surroundings): Promise<LoadedLog> {
  progress(`loading ${entries} entries`);
  const log = await server.createLog(name);
  const loaded = await loadLargeLog(log.superuserUrl, log.signer, entries, {
    certificates: 'usual',
    entriesPerCheckpoint: ENTRIES_PER_CHECKPOINT,
  });
  // What was loaded goes to the disk now and not while something is measured.
  const client = new Client({ connectionString: log.superuserUrl });
  await client.connect();
  await client.query('CHECKPOINT');
  await client.end();
  progress('loaded');
  return { ...log, loaded };
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
  process.exitCode = 1;
}

const options = readOptions(process.argv.slice(2));
if (options === undefined) process.exitCode = 2;
else measure(options).catch(fail);
