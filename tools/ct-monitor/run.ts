import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationError, EnvironmentReader, type Variables } from '@libs/config';
import { JsonClient } from '@libs/contracts';
import { type Clock, SystemClock } from '@libs/http';
import { Issuer, MalformedDer, MalformedPem, NotAnIssuer, parsePem } from '@libs/pki';
import { readText } from '../ct-verify/input';
import { CannotTell, Refuted } from '../ct-verify/verdict';
import { readVerifierKeys } from '../ct-verify/verifier-keys';
import { CheckpointWatch } from './checkpoint-watch';
import { type CommandLine, HELP, parseCommandLine } from './command-line';
import { LogFollower } from './log-follower';
import { LogSource } from './log-source';
import { metricsServer, MonitorMetrics, type Outcome, outcomeOf } from './metrics';
import { Monitor, type RoundReport } from './monitor';
import { StateFile } from './state-file';

/** The world of a run. */
export interface Surroundings {
  readonly environment: Variables;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Ends the rounds. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

const STATUS: Readonly<Record<Outcome, number>> = { good: 0, alarm: 1, failure: 2 };
const TIMEOUT_MS = 30_000;

/** `ct-monitor`: answers the exit status. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    const line = parseCommandLine(argv);
    if (line === undefined) {
      surroundings.stdout(HELP);
      return 0;
    }
    return await watch(line, surroundings);
  } catch (error) {
    if (!(error instanceof CannotTell || error instanceof Refuted || error instanceof ConfigurationError)) throw error;
    surroundings.stderr(`The monitor cannot run: ${error.message}\n`);
    return STATUS.failure;
  }
}

async function watch(line: CommandLine, surroundings: Surroundings): Promise<number> {
  const { signal, clock = new SystemClock() } = surroundings;
  const keys = keysOf(surroundings.environment);
  const http = new JsonClient({ baseUrl: line.log, key: keys.reader, service: 'log', timeoutMs: TIMEOUT_MS });
  const metrics = new MonitorMetrics(clock);
  const stopListening = await listen(line, metrics, surroundings);
  try {
    const monitor = await monitorOf(line, surroundings, { http, clock, crlKey: keys.crl });
    for (;;) {
      const report = await monitor.round();
      metrics.record(report);
      tell(report, surroundings);
      if (line.intervalSeconds === undefined) return STATUS[outcomeOf(report)];
      await delay(line.intervalSeconds * 1000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return STATUS[outcomeOf(report)];
    }
  } finally {
    stopListening();
    await http.close();
  }
}

async function monitorOf(
  line: CommandLine,
  { environment }: Surroundings,
  { http, clock, crlKey }: { readonly http: JsonClient; readonly clock: Clock; readonly crlKey: string | undefined },
): Promise<Monitor> {
  const { keys, keyFiles } = line;
  const verifiers = await readVerifierKeys({ keys, files: keyFiles, environment: environment['CT_VERIFIER_KEYS'] });
  const source = new LogSource(http);
  const file = new StateFile(line.state);
  return new Monitor({
    watch: new CheckpointWatch(source, verifiers, file),
    follower: new LogFollower(source),
    file,
    clock,
    crlUrls: line.crlUrls,
    fetchText: (url) => fetchText(url, crlKey),
    authorities: (await Promise.all(line.caFiles.map(readAuthorities))).flat(),
    graceMs: line.graceSeconds * 1000,
  });
}

function keysOf(environment: Variables): { reader: string; crl: string | undefined } {
  const env = new EnvironmentReader(environment);
  const keys = { reader: env.secret('CT_READER_KEY'), crl: env.optionalString('CRL_KEY') };
  env.finish();
  return keys;
}

async function fetchText(url: string, key: string | undefined): Promise<string> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`the answer was ${response.status}`);
  return response.text();
}

async function readAuthorities(path: string): Promise<Issuer[]> {
  try {
    return parsePem(await readText(path)).map(({ der }) => Issuer.fromCertificate(der));
  } catch (error) {
    if (error instanceof MalformedPem || error instanceof MalformedDer || error instanceof NotAnIssuer) {
      throw new CannotTell(`${path} does not hold certificates of CAs: ${error.message}`);
    }
    throw error;
  }
}

async function listen({ listen: address }: CommandLine, metrics: MonitorMetrics, { stderr }: Surroundings) {
  if (address === undefined) return () => undefined;
  const server = metricsServer(metrics);
  server.listen(address.port, address.host);
  await Promise.race([
    once(server, 'listening'),
    once(server, 'error').then(([error]) => Promise.reject(error as Error)),
  ]).catch((error: unknown) => {
    throw new CannotTell(`the port cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
  });
  const { port } = server.address() as AddressInfo;
  stderr(`metrics at http://${address.host}:${port}/metrics\n`);
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

function tell({ alarms, failures, size }: RoundReport, { stdout, stderr }: Surroundings): void {
  for (const { kind, detail } of alarms) stderr(`ALARM ${kind}: ${printable(detail)}\n`);
  for (const failure of failures) stderr(`not looked at: ${printable(failure)}\n`);
  if (alarms.length === 0 && failures.length === 0) stdout(`all is well with ${size} entries\n`);
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
