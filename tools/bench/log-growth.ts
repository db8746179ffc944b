import { startAppender } from './log-appender';
import { median, progress } from './log-report';
import type { BenchLog } from './log-server';
import type { Surroundings } from './log-surroundings';

const IN_FLIGHT = 16;
const WARM_UP_SECONDS = 6;

/** Appends to the large log and to one that began empty, turn by turn, so that what else happens on the machine hits both. */
export async function measureGrowth(large: BenchLog, world: Surroundings): Promise<void> {
  const { server, options, report, cleanup } = world;
  const empty = await server.createLog('empty');
  const appenders = { large: await startAppender(large, options.profileFolder), empty: await startAppender(empty) };
  cleanup.add(() => appenders.large.stop());
  cleanup.add(() => appenders.empty.stop());
  await appenders.large.run({ inFlight: IN_FLIGHT, seconds: WARM_UP_SECONDS });
  await appenders.empty.run({ inFlight: IN_FLIGHT, seconds: WARM_UP_SECONDS });
  const rates: Record<'large' | 'empty', number[]> = { large: [], empty: [] };
  for (let round = 0; round < options.rounds * 2; round += 1) {
    const first = round % 2 === 0;
    for (const name of first ? (['large', 'empty'] as const) : (['empty', 'large'] as const)) {
      const { perSecond, p99Ms } = await appenders[name].run({ inFlight: IN_FLIGHT, seconds: options.seconds });
      rates[name].push(perSecond);
      progress(`append to the ${name} log c${IN_FLIGHT}: ${perSecond.toFixed(0)}/s, p99 ${p99Ms.toFixed(2)} ms`);
    }
  }
  await appenders.large.stop();
  await appenders.empty.stop();
  const ratios = rates.large.map((rate, round) => rate / (rates.empty[round] ?? NaN));
  const vs = median(rates.empty);
  report.figure('appends_per_second_c16_1m', median(rates.large), 'appends/s', { vs });
  report.figure('append_ratio_1m_to_empty', median(ratios), 'ratio');
}
