import { printVerifierKey } from '@libs/tlog';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { median, progress } from './log-report';
import type { BenchLog } from './log-server';
import type { Surroundings } from './log-surroundings';

const run = promisify(execFile);
const ROUNDS = 2;

interface FsckReport {
  readonly entries_per_second: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** The whole audit of a log, private contexts included, against a checkpoint that was kept elsewhere. It must be clean. */
export async function measureFsck(log: BenchLog, { server, report }: Surroundings): Promise<void> {
  const checkpoint = join(server.folder, 'saved.checkpoint');
  writeFileSync(checkpoint, await latestCheckpoint(log));
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { entries_per_second, counts } = await fsck(log, checkpoint);
    rates.push(entries_per_second);
    progress(`fsck: ${entries_per_second} entries/s of ${JSON.stringify(counts)}`);
  }
  report.figure('fsck_entries_per_second', median(rates), 'entries/s');
}

async function fsck({ auditorUrl, signer }: BenchLog, checkpoint: string): Promise<FsckReport> {
  const main = join(__dirname, '..', 'ct-fsck', 'main.js');
  const options = ['--json', '--key', printVerifierKey(signer.verifier), '--checkpoint', checkpoint];
  const env = { PATH: process.env['PATH'], CT_DATABASE_URL: auditorUrl };
  const { stdout } = await run(process.execPath, [main, ...options], { env });
  return JSON.parse(stdout) as FsckReport;
}

async function latestCheckpoint({ superuserUrl }: BenchLog): Promise<string> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  const { rows } = await client.query<{ note: string }>('SELECT note FROM ct.checkpoint ORDER BY size DESC LIMIT 1');
  await client.end();
  return rows[0]?.note ?? '';
}
