import { HttpCertificateLog, JsonClient } from '@libs/contracts';
import { Client } from 'pg';
import { type LoadResult, sustain } from './load';
import { startAppender } from './log-appender';
import { EntryMill } from './log-entry-mill';
import { Floor } from './log-floor';
import { median, progress, type Report } from './log-report';
import type { BenchLog } from './log-server';
import type { Surroundings } from './log-surroundings';
import { ServiceProcess } from './service-process';

const IN_FLIGHT = [1, 16, 64] as const;
const HTTP_IN_FLIGHT = [16, 64] as const;
const WARM_UP_SECONDS = 4;

/** Appends to a new log, beside what the server can do at best: turn by turn, so that both see the same machine. */
export async function measureAppends(world: Surroundings): Promise<void> {
  const { server, options, report, cleanup } = world;
  const log = await server.createLog('appends');
  const bytesBefore = await databaseBytes(log);
  const floor = await Floor.open(server.url, Math.max(...IN_FLIGHT));
  const appender = await startAppender(log, options.profileFolder);
  cleanup.add(() => appender.stop());
  await appender.run({ inFlight: 64, seconds: WARM_UP_SECONDS });
  await floor.commits(16, options.seconds);
  const floors = new Rounds('floor');
  const appends = new Rounds('append');
  const batches: number[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    batches.push(await floor.batchedRows(options.seconds));
    for (const inFlight of IN_FLIGHT) {
      floors.add(inFlight, await floor.commits(inFlight, options.seconds));
      appends.add(inFlight, await appender.run({ inFlight, seconds: options.seconds }));
    }
  }
  await floor.close();
  await appender.stop();
  reportAppends(report, { floors, appends, batches });
  await measureHttpAppends(log, world);
  report.figure('bytes_per_entry', ((await databaseBytes(log)) - bytesBefore) / (await sizeOf(log)), 'bytes');
}

/** Results of rounds at several numbers of operations in flight. */
class Rounds {
  private readonly results = new Map<number, LoadResult[]>();

  constructor(private readonly what: string) {}

  add(inFlight: number, result: LoadResult): void {
    this.results.set(inFlight, [...(this.results.get(inFlight) ?? []), result]);
    const { perSecond, p50Ms, p99Ms } = result;
    progress(
      `${this.what} c${inFlight}: ${perSecond.toFixed(0)}/s, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`,
    );
  }

  median(inFlight: number, of: keyof LoadResult): number {
    return median((this.results.get(inFlight) ?? []).map((result) => result[of]));
  }
}

interface Measured {
  readonly floors: Rounds;
  readonly appends: Rounds;
  readonly batches: readonly number[];
}

function reportAppends(report: Report, { floors, appends, batches }: Measured): void {
  report.figure('floor_batched_rows_per_second', median(batches), 'rows/s');
  for (const c of IN_FLIGHT) {
    const vs = floors.median(c, 'perSecond');
    report.figure(`floor_commits_per_second_c${c}`, vs, 'commits/s');
    report.figure(`floor_commit_p99_ms_c${c}`, floors.median(c, 'p99Ms'), 'ms');
    report.figure(`appends_per_second_c${c}`, appends.median(c, 'perSecond'), 'appends/s', { vs });
    report.figure(`append_p50_ms_c${c}`, appends.median(c, 'p50Ms'), 'ms');
    report.figure(`append_p99_ms_c${c}`, appends.median(c, 'p99Ms'), 'ms');
  }
}

/** The same by the service's API, from this process. */
async function measureHttpAppends(log: BenchLog, { options, report, cleanup }: Surroundings): Promise<void> {
  const service = await ServiceProcess.start('certtransparency', log.variables);
  cleanup.add(() => service.stop());
  const http = new JsonClient({
    baseUrl: service.url,
    key: log.writerKey,
    service: 'certtransparency',
    timeoutMs: 30_000,
  });
  const client = new HttpCertificateLog(http);
  const mill = await EntryMill.create();
  const append = async (): Promise<void> => {
    await client.append(mill.next());
  };
  await sustain(16, WARM_UP_SECONDS, append);
  const rounds = new Rounds('append by HTTP');
  for (let round = 0; round < options.rounds; round += 1) {
    for (const inFlight of HTTP_IN_FLIGHT) rounds.add(inFlight, await sustain(inFlight, options.seconds, append));
  }
  for (const c of HTTP_IN_FLIGHT) {
    report.figure(`http_appends_per_second_c${c}`, rounds.median(c, 'perSecond'), 'appends/s');
    report.figure(`http_append_p99_ms_c${c}`, rounds.median(c, 'p99Ms'), 'ms');
  }
  await http.close();
  await service.stop();
}

async function databaseBytes({ superuserUrl }: BenchLog): Promise<number> {
  return numberOf(superuserUrl, 'SELECT pg_database_size(current_database())');
}

async function sizeOf({ superuserUrl }: BenchLog): Promise<number> {
  return numberOf(superuserUrl, 'SELECT max(size) FROM ct.checkpoint');
}

async function numberOf(url: string, select: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ value: string }>(`SELECT (${select})::text AS value`);
  await client.end();
  return Number(rows[0]?.value);
}
