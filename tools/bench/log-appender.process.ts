import 'reflect-metadata';
import { AuditLog } from '../../apps/certtransparency/src/audit/audit-log';
import { CertTransparencyConfig } from '../../apps/certtransparency/src/config/certtransparency.config';
import { createApp } from '../../apps/certtransparency/src/create-app';
import type { LoadRound } from './load-process';
import { EntryMill } from './log-entry-mill';
import { type LoadResult, sustain } from './load';

/** Entries are made ready for so many appends a second, for each that is in flight, and for as many as this in all. */
const READY = { forEach: 500, atMost: 6_000 };

/**
 * The certificate transparency service without its HTTP: appends are asked for by the service's own process, so that whoever
 * asks is no part of what is measured. Rounds are ordered, one at a time, by messages of the process that started this one.
 */
async function serve(): Promise<void> {
  const app = await createApp(CertTransparencyConfig.from(process.env));
  await app.init();
  const log = app.get(AuditLog, { strict: false });
  const mill = await EntryMill.create();
  const append = async (): Promise<void> => {
    const { receipt, known } = await log.append(mill.next());
    if (known || !receipt.startsWith('c2sp.org/tlog-proof')) throw new Error('an append was not answered by a receipt');
  };
  const run = async ({ inFlight, seconds }: LoadRound): Promise<LoadResult> => {
    mill.prepare(seconds * Math.min(inFlight * READY.forEach, READY.atMost));
    return sustain(inFlight, seconds, append);
  };
  process.on('message', (round: LoadRound) => void run(round).then(answer, fail));
  process.once('disconnect', () => void app.close().finally(() => process.exit()));
  answer('ready');
}

function answer(message: LoadResult | 'ready'): void {
  process.send?.(message);
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
  process.exit(1);
}

serve().catch(fail);
