import { request } from 'undici';
import { startIssuingStack, type IssuingStack } from './issuing-stack';
import type { Cleanup } from './log-cleanup';
import { type Report, median, progress } from './log-report';
import { reportMemory } from './signing-issuing';
import { startSigningLoad } from './signing-load';
import type { SigningBenchOptions } from './signing-options';
import { OpensslDatabase, type RivalFiles } from './signing-rivals';

const BUILDS = 7;
const IN_FLIGHT = 16;
const WARM_UP_SECONDS = 3;
/** Of the CRL that issuing is measured beside. */
const STALL_AT = 100_000;

/** CRLs from the request to the file on disk: numbered by the log, built, linted, read back, recorded, written. */
export async function measureCrls(
  files: RivalFiles,
  options: SigningBenchOptions,
  report: Report,
  cleanup: Cleanup,
): Promise<void> {
  for (const revoked of options.revoked) {
    progress(`loading a log with ${String(revoked)} revoked certificates`);
    const stack = await startIssuingStack(cleanup, { revoked });
    stack.signing.forgetPeak();
    const name = revoked >= 1_000 ? `${String(revoked / 1_000)}k` : String(revoked);
    await measureBuilds(stack, name, report);
    await measureOpenssl(files, revoked, name, report);
    const isLargest = revoked === options.revoked.at(-1);
    if (revoked === STALL_AT || isLargest) {
      await measureStall(stack, revoked === STALL_AT ? '' : `_${name}`, options, report, cleanup);
    }
    if (isLargest) {
      reportMemory(`after_${name}`, stack, report);
      report.figure('rss_mb', stack.signing.peakMb(), 'MB');
    }
    await stack.stop();
  }
}

async function measureBuilds(stack: IssuingStack, name: string, report: Report): Promise<void> {
  await complete(stack);
  const durations: number[] = [];
  for (let build = 0; build < BUILDS; build += 1) durations.push(await rebuildSeconds(stack));
  report.figure(`crl_${name}_seconds`, median(durations), 's');
  report.figure(`signing_ready_ms_${name}`, stack.signing.readyMs, 'ms');
}

/** The first CRL waits until all revocations have been read from the log. */
async function complete(stack: IssuingStack): Promise<void> {
  const seconds = await rebuildSeconds(stack);
  progress(`the first CRL was there ${seconds.toFixed(2)} s after signing was ready`);
}

async function rebuildSeconds({ signing, frontendKey }: IssuingStack): Promise<number> {
  const started = performance.now();
  const { statusCode, body } = await request(`${signing.url}/api/v1/crl`, {
    method: 'POST',
    headers: { authorization: `Bearer ${frontendKey}` },
  });
  const answer = await body.text();
  if (statusCode !== 200) throw new Error(`a CRL was answered with ${String(statusCode)}: ${answer}`);
  return (performance.now() - started) / 1000;
}

async function measureOpenssl(files: RivalFiles, revoked: number, name: string, report: Report): Promise<void> {
  const database = await OpensslDatabase.revoked(files, revoked);
  const durations: number[] = [];
  for (let build = 0; build < 3; build += 1) {
    const started = performance.now();
    await database.buildCrl();
    durations.push((performance.now() - started) / 1000);
  }
  const ours = report.value(`crl_${name}_seconds`);
  report.figure(`crl_${name}_seconds_vs_openssl_ca`, ours, 's', { vs: median(durations) });
}

/** Issues while one CRL after the other is made. */
async function measureStall(
  stack: IssuingStack,
  size: string,
  { seconds, rounds }: SigningBenchOptions,
  report: Report,
  cleanup: Cleanup,
): Promise<void> {
  const load = await startSigningLoad(stack);
  cleanup.add(() => load.stop());
  await load.run({ inFlight: IN_FLIGHT, seconds: WARM_UP_SECONDS });
  const [calm, busy, builds]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    calm.push((await load.run({ inFlight: IN_FLIGHT, seconds })).p99Ms);
    const over = new AbortController();
    const issuing = load.run({ inFlight: IN_FLIGHT, seconds }).finally(() => {
      over.abort();
    });
    while (!over.signal.aborted) builds.push(await rebuildSeconds(stack));
    busy.push((await issuing).p99Ms);
  }
  await load.stop();
  report.figure(`issue_p99_ms_during_rebuild${size}`, median(busy), 'ms', { vs: median(calm) });
  report.figure(`crl_seconds_during_issuing${size}`, median(builds), 's');
}
