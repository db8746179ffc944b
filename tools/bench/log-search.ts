import { createHash, randomInt } from 'node:crypto';
import { Pool } from 'undici';
import type { LargeLog } from '../../test/log/support/large-log';
import type { CertificateSearch } from '@libs/contracts';
import { LargeLogSearches, type SearchMaker } from '../../test/log/support/large-log-searches';
import { USERS } from '../../test/log/support/large-log.sql';
import { type LoadResult, repeat } from './load';
import type { BenchOptions } from './log-options';
import { median, progress } from './log-report';
import type { BenchLog } from './log-server';
import type { Surroundings } from './log-surroundings';
import { ServiceProcess } from './service-process';

const WARM_UP_SEARCHES = 30;

/** A log that was filled beforehand. */
export interface LoadedLog extends BenchLog {
  readonly loaded: LargeLog;
}

/**
 * Every filter, and what people ask for by several at once, by the service's API: one request after the other, each about
 * something else.
 * @param suffix of the figures' names: how many entries the log has
 */
export async function measureSearches(log: LoadedLog, suffix: string, world: Surroundings): Promise<void> {
  const { options, cleanup } = world;
  const service = await ServiceProcess.start('certtransparency', log.variables);
  cleanup.add(() => service.stop());
  const client = new SearchClient(service.url, log.readerKey);
  const measure = (searches: Searches) => measureEach(client, searches, options);
  const searches = new LargeLogSearches(log.loaded);
  reportSearches('search', suffix, await measure({ ...searches.filters(), ...NAMES }), world);
  reportSearches('search_combination', suffix, await measure(searches.combinations()), world);
  await client.close();
  await service.stop();
}

type Searches = Readonly<Record<string, SearchMaker>>;

/** Reads answers and makes nothing of them, so that what is measured is the service and not its client. */
class SearchClient {
  private readonly pool: Pool;

  constructor(
    url: string,
    private readonly key: string,
  ) {
    this.pool = new Pool(url, { connections: 1 });
  }

  async search(query: CertificateSearch): Promise<void> {
    const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    const response = await this.pool.request({
      method: 'GET',
      path: `/api/v1/certificates?${parameters.toString()}`,
      headers: { authorization: `Bearer ${this.key}` },
    });
    await response.body.dump({ limit: Infinity });
    if (response.statusCode !== 200) throw new Error(`a search was answered with ${response.statusCode}`);
  }

  async close(): Promise<void> {
    await this.pool.close();
  }
}

async function measureEach(client: SearchClient, searches: Searches, options: BenchOptions) {
  const rounds = new Map<string, LoadResult[]>(Object.keys(searches).map((name) => [name, []]));
  for (let round = 0; round < options.searchRounds; round += 1) {
    for (const [name, make] of Object.entries(searches)) {
      const search = () => client.search(make());
      if (round === 0) await repeat(WARM_UP_SEARCHES, search);
      const result = await repeat(options.searches, search);
      rounds.get(name)?.push(result);
      progress(`search by ${name}: p50 ${result.p50Ms.toFixed(2)} ms, p99 ${result.p99Ms.toFixed(2)} ms`);
    }
  }
  return rounds;
}

const FIRST_NAMES = ['anna', 'bela', 'chen', 'dmitri', 'edda', 'farid', 'gül', 'hana'];
const PARTS_OF_GATEWAY = ['gateway', 'gatew', 'ateway', 'eway-'];
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** What is harder for an index of trigrams: a name that shares most of itself with every other, and a part that one in a hundred has. */
const NAMES: Searches = {
  'whole name': () => {
    const person = randomInt(USERS);
    const account = `${FIRST_NAMES[person % FIRST_NAMES.length] ?? ''}.${md5(`name${person}`).slice(0, 6)}${person}`;
    return { common_name: `${account}@example.org` };
  },
  'name of one in a hundred': () => ({ common_name: PARTS_OF_GATEWAY[randomInt(PARTS_OF_GATEWAY.length)] ?? '' }),
};

function reportSearches(
  prefix: string,
  suffix: string,
  rounds: ReadonlyMap<string, readonly LoadResult[]>,
  { report }: Surroundings,
): void {
  const slowest = { name: '', p99Ms: 0 };
  for (const [name, results] of rounds) {
    const p99Ms = median(results.map((result) => result.p99Ms));
    const figure = `${prefix}_${name.replace(/\W+/g, '_')}`;
    report.figure(`${figure}_p50_ms_${suffix}`, median(results.map((result) => result.p50Ms)), 'ms');
    report.figure(`${figure}_p99_ms_${suffix}`, p99Ms, 'ms');
    if (p99Ms > slowest.p99Ms) Object.assign(slowest, { name, p99Ms });
  }
  progress(`${prefix} at ${suffix}: the slowest is by ${slowest.name}`);
  report.figure(`${prefix}_p99_ms_${suffix}`, slowest.p99Ms, 'ms');
}
