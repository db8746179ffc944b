import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from './log-cleanup';
import { Report } from './log-report';
import { measureCrls } from './signing-crl';
import { measureIssuing } from './signing-issuing';
import { type SigningBenchOptions, readOptions } from './signing-options';
import { installedRivals, prepareRivalFiles } from './signing-rivals';

/**
 * `npm run bench:signing`: audited issuance and CRLs of every size, beside tools that keep no log. The signing service and the
 * log are processes of their own on a durable PostgreSQL, as they are shipped. Progress goes to standard error, the
 * figures to standard output, one JSON object on each line.
 */
async function measure(options: SigningBenchOptions): Promise<void> {
  const cleanup = new Cleanup();
  try {
    const report = new Report();
    const folder = await mkdtemp(join(tmpdir(), 'ovpn-bench-rivals-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true }));
    const files = await prepareRivalFiles(folder);
    if (options.parts.includes('issuing')) {
      await measureIssuing(await installedRivals(files), options, report, cleanup);
    }
    if (options.parts.includes('crl')) await measureCrls(files, options, report, cleanup);
    report.print();
  } finally {
    await cleanup.run();
  }
}

const options = readOptions(process.argv.slice(2));
if (options === undefined) process.exitCode = 2;
else {
  measure(options).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
    process.exitCode = 1;
  });
}
