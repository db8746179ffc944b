import 'reflect-metadata';
import { Client } from 'pg';
import { loadLargeLog } from '../../test/log/support/large-log';
import { measureAppends, type Surroundings } from './log-appends';
import { Cleanup } from './log-cleanup';
import { measureFsck } from './log-fsck';
import { measureGrowth } from './log-growth';
import { parseOptions, USAGE } from './log-options';
import { progress, Report } from './log-report';
import { measureSearches } from './log-search';
import { type BenchLog, BenchServer } from './log-server';

/** Of a log whose appends share commits as they do with about sixteen in flight. */
const ENTRIES_PER_CHECKPOINT = 8;

/**
 * `npm run bench:log`: appends, searches, growth and audit of the certificate log, with everything durable and on one
 * server. Progress goes to standard error, the figures to standard output, one JSON object on each line.
 */
async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const cleanup = new Cleanup();
  try {
    const server = await BenchServer.start();
    cleanup.add(() => server.stop());
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

async function loadedLog(name: string, entries: number, { server }: Surroundings): Promise<BenchLog> {
  progress(`loading ${entries} entries`);
  const log = await server.createLog(name);
  await loadLargeLog(log.superuserUrl, log.signer, entries, {
    certificates: 'usual',
    entriesPerCheckpoint: ENTRIES_PER_CHECKPOINT,
  });
  // What was loaded goes to the disk now and not while something is measured.
  const client = new Client({ connectionString: log.superuserUrl });
  await client.connect();
  await client.query('CHECKPOINT');
  await client.end();
  progress('loaded');
  return log;
}

main().catch((error: unknown) => {
  if (error instanceof TypeError) process.stderr.write(USAGE);
  process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
  process.exitCode = 1;
});
