import { HttpLogReader, JsonClient } from '@libs/contracts';
import { type LoadResult, repeat } from './load';
import type { Surroundings } from './log-appends';
import { median, progress } from './log-report';
import { FILTERS, takeSamples } from './log-searches';
import type { BenchLog } from './log-server';
import { ServiceProcess } from './service-process';

const WARM_UP_SEARCHES = 30;

/**
 * Every filter by the service's API, one request after the other, each about another certificate.
 * @param suffix of the figures' names: how many entries the log has
 */
export async function measureSearches(log: BenchLog, suffix: string, world: Surroundings): Promise<void> {
  const { options, report, cleanup } = world;
  const service = await ServiceProcess.start('certtransparency', log.variables);
  cleanup.add(() => service.stop());
  const http = new JsonClient({
    baseUrl: service.url,
    key: log.readerKey,
    service: 'certtransparency',
    timeoutMs: 30_000,
  });
  const reader = new HttpLogReader(http);
  const rounds = new Map<string, LoadResult[]>(Object.keys(FILTERS).map((name) => [name, []]));
  for (let round = 0; round < options.searchRounds; round += 1) {
    const samples = await takeSamples(log.superuserUrl, options.searches);
    for (const [name, filter] of Object.entries(FILTERS)) {
      const searches = samples.map(filter);
      const search = async (n: number): Promise<void> => {
        await reader.search(searches[n % searches.length] ?? {});
      };
      if (round === 0) await repeat(WARM_UP_SEARCHES, search);
      rounds.get(name)?.push(await repeat(options.searches, search));
    }
  }
  await http.close();
  await service.stop();
  const slowest = { name: '', p99Ms: 0 };
  for (const [name, results] of rounds) {
    const p99Ms = median(results.map((result) => result.p99Ms));
    report.figure(`search_${name}_p50_ms_${suffix}`, median(results.map((result) => result.p50Ms)), 'ms');
    report.figure(`search_${name}_p99_ms_${suffix}`, p99Ms, 'ms');
    if (p99Ms > slowest.p99Ms) Object.assign(slowest, { name, p99Ms });
  }
  progress(`the slowest search at ${suffix} is ${slowest.name}`);
  report.figure(`search_p99_ms_${suffix}`, slowest.p99Ms, 'ms');
}
