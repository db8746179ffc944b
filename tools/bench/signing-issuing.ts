import type { Cleanup } from './log-cleanup';
import { type IssuingStack, startIssuingStack } from './issuing-stack';
import { repeat, sustain } from './load';
import { type Report, median, progress } from './log-report';
import type { LoadRound } from './load-process';
import { type IssuingResult, type SigningLoad, startSigningLoad } from './signing-load';
import type { SigningBenchOptions } from './signing-options';
import type { Rival } from './signing-rivals';

const IN_FLIGHT = [1, 16, 64] as const;
const WARM_UP_SECONDS = 4;
/** Signed before a rival is measured: what has to be read for the first time stands in memory then. */
const RIVAL_WARM_UP = 3;

/** With the processor time that a certificate took in each service, which the machine's other work distorts least. */
interface Round extends IssuingResult {
  readonly signingMs: number;
  readonly logMs: number;
}

/** Audited issuance beside tools that sign and record at most in a text file. */
export async function measureIssuing(
  rivals: readonly Rival[],
  options: SigningBenchOptions,
  report: Report,
  cleanup: Cleanup,
): Promise<void> {
  const stack = await startIssuingStack(cleanup);
  const load = await startSigningLoad(stack);
  cleanup.add(() => load.stop());
  await load.run({ inFlight: 16, seconds: WARM_UP_SECONDS });
  const results = await rounds(stack, load, options);
  for (const inFlight of IN_FLIGHT) reportIssuing(inFlight, results.get(inFlight) ?? [], report);
  reportMemory('idle', stack, report);
  await load.stop();
  const best = medianOf(results.get(16) ?? [], 'perSecond');
  for (const rival of rivals) await compare(rival, best, options, report);
  await stack.stop();
}

/** Every number in flight in turn, so that a slow minute of the machine does not fall upon one alone. */
async function rounds(
  stack: IssuingStack,
  load: SigningLoad,
  { rounds: count, seconds }: SigningBenchOptions,
): Promise<ReadonlyMap<number, readonly Round[]>> {
  const results = new Map<number, Round[]>(IN_FLIGHT.map((inFlight) => [inFlight, []]));
  for (let round = 0; round < count; round += 1) {
    for (const inFlight of IN_FLIGHT) {
      const result = await measureRound(stack, load, { inFlight, seconds });
      results.get(inFlight)?.push(result);
      progress(`${String(inFlight)} in flight: ${result.perSecond.toFixed(0)}/s, p99 ${result.p99Ms.toFixed(1)} ms`);
    }
  }
  return results;
}

async function measureRound(
  { signing, certtransparency }: IssuingStack,
  load: SigningLoad,
  round: LoadRound,
): Promise<Round> {
  const before = [signing.cpuSeconds(), certtransparency.cpuSeconds()] as const;
  const result = await load.run(round);
  const msEach = (seconds: number): number => (seconds * 1000) / result.count;
  return {
    ...result,
    signingMs: msEach(signing.cpuSeconds() - before[0]),
    logMs: msEach(certtransparency.cpuSeconds() - before[1]),
  };
}

function reportIssuing(inFlight: number, results: readonly Round[], report: Report): void {
  const suffix = `_c${String(inFlight)}`;
  report.figure(`audited_certificates_per_second${suffix}`, medianOf(results, 'perSecond'), 'certificates/s');
  report.figure(`issue_p50_ms${suffix}`, medianOf(results, 'p50Ms'), 'ms');
  report.figure(`issue_p99_ms${suffix}`, medianOf(results, 'p99Ms'), 'ms');
  report.figure(`signing_cpu_ms_per_certificate${suffix}`, medianOf(results, 'signingMs'), 'ms');
  report.figure(`certtransparency_cpu_ms_per_certificate${suffix}`, medianOf(results, 'logMs'), 'ms');
  report.figure(`load_generator_share${suffix}`, medianOf(results, 'generatorShare'), 'of a core');
}

export function reportMemory(when: string, { signing, certtransparency }: IssuingStack, report: Report): void {
  report.figure(`rss_mb_${when}`, signing.residentMb(), 'MB');
  report.figure(`certtransparency_rss_mb_${when}`, certtransparency.residentMb(), 'MB');
}

async function compare(rival: Rival, ours: number, { seconds }: SigningBenchOptions, report: Report): Promise<void> {
  let signed = 0;
  const sign = (): Promise<void> => rival.sign((signed += 1));
  await repeat(RIVAL_WARM_UP, sign);
  const { perSecond } = await sustain(rival.isParallel ? 16 : 1, seconds, sign);
  report.figure(`audited_certificates_per_second_c16_vs_${rival.name}`, ours, 'certificates/s', { vs: perSecond });
}

function medianOf(results: readonly Round[], field: keyof Round): number {
  return median(results.map((result) => result[field]));
}
