import type { CertificateSearch } from '@libs/contracts';
import { SystemClock } from '@libs/http';
import { generateNoteKey } from '@libs/tlog';
import { Client } from 'pg';
import { logDataSourceOptions } from '../../apps/certtransparency/src/database/data-source-options';
import { LogDatabase } from '../../apps/certtransparency/src/database/log-database';
import { CertificateFinder } from '../../apps/certtransparency/src/search/certificate-finder';
import { NameSample } from '../../apps/certtransparency/src/search/name-sample';
import { LogTime } from '../../apps/certtransparency/src/search/log-time';
import { searchStatements } from '../../apps/certtransparency/src/search/search-statement';
import { SearchTermsReader } from '../../apps/certtransparency/src/search/search-terms';
import { type LogDatabaseFixture, migratedLogDatabase, POOL } from '../../apps/certtransparency/test/log-fixture';
import { type LargeLog, loadLargeLog } from './support/large-log';
import { LargeLogSearches } from './support/large-log-searches';

const SIZE = 1_000_000;
const TRIES = 10;
/** Of 8 kB each: a page of fifty rows with its look-ups takes some hundred. The tables and indexes have 120,000. */
const BUFFERS_FOR_A_FILTER = 7_500;
/** Where the rows of one filter are looked up for the sake of another. */
const BUFFERS_FOR_A_COMBINATION = 25_000;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}

let fixture: LogDatabaseFixture;
let database: LogDatabase;
let names: NameSample;
let reader: SearchTermsReader;
let log: LargeLog;
let searches: LargeLogSearches;

beforeAll(async () => {
  fixture = await migratedLogDatabase();
  log = await loadLargeLog(fixture.superuserUrl, generateNoteKey('log.example/large'), SIZE);
  database = await LogDatabase.open(logDataSourceOptions(fixture.writerUrl, POOL));
  names = new NameSample(database, new SystemClock());
  reader = new SearchTermsReader(new LogTime(database), new SystemClock());
  searches = new LargeLogSearches(log);
});

afterAll(async () => {
  await database.onApplicationShutdown();
  await fixture.drop();
});

/** The plans of the statements that a search comes to, as they were carried out. */
async function plansOf(query: CertificateSearch): Promise<Plan[]> {
  const terms = await reader.read(query);
  const plans: Plan[] = [];
  const guess = query.common_name === undefined ? undefined : await names.guess(query.common_name);
  for (const { sql, parameters } of searchStatements(terms, guess)) {
    const rows = await database.rows<{ 'QUERY PLAN': { Plan: Plan }[] }>(
      `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${sql}`,
      parameters,
    );
    const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
    if (plan === undefined) throw new Error('no plan');
    plans.push(plan);
    if (plan['Actual Rows'] > terms.limit) break;
  }
  return plans;
}

const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];
const buffers = (plan: Plan) => plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];

async function expectIndexes(makeQuery: () => CertificateSearch, limit: number): Promise<void> {
  for (let i = 0; i < TRIES; i += 1) {
    const query = makeQuery();
    const plans = await plansOf(query);
    const scans = plans.flatMap(nodes).filter((node) => node['Node Type'] === 'Seq Scan');
    const read = plans.reduce((sum, plan) => sum + buffers(plan), 0);
    expect({ query, scans, isBounded: read <= limit ? true : read }).toEqual({ query, scans: [], isBounded: true });
  }
}

/** Positions of a page far into the list cost what the first one costs. */
async function deepPage(query: CertificateSearch, pages: number): Promise<CertificateSearch> {
  const finder = new CertificateFinder(database, reader, names);
  let cursor: string | null = null;
  for (let i = 0; i < pages; i += 1) {
    const page = await finder.search({ ...query, limit: 200, ...(cursor === null ? {} : { cursor }) });
    cursor = page.next_cursor;
    if (cursor === null) throw new Error('the list is too short');
  }
  return { ...query, ...(cursor === null ? {} : { cursor }) };
}

/** Certificates that are searched as others are; their entries are copies of entries. */
async function append(count: number, commonName: string): Promise<void> {
  const client = new Client({ connectionString: fixture.superuserUrl });
  await client.connect();
  try {
    await client.query('SET session_replication_role = replica');
    await client.query(
      `INSERT INTO ct.entry (idx, leaf, leaf_hash)
       SELECT idx + $1, leaf, leaf_hash FROM ct.entry WHERE idx < $2 ORDER BY idx`,
      [SIZE, count],
    );
    await client.query(
      `INSERT INTO ct.certificate (idx, fingerprint, issuer, serial, kind, common_name, not_before, not_after, logged_at)
       SELECT $1 - 1 + row_number() OVER (), sha256(fingerprint), issuer, serial, 1, $2, not_before, not_after, logged_at
       FROM ct.certificate ORDER BY idx DESC LIMIT $3`,
      [SIZE, commonName, count],
    );
  } finally {
    await client.end();
  }
}

const filters = Object.keys(new LargeLogSearches({ size: SIZE, start: 0, fingerprints: [] }).filters());
const combinations = Object.keys(new LargeLogSearches({ size: SIZE, start: 0, fingerprints: [] }).combinations());

describe('a search in a log of 1,000,000 entries', () => {
  it.each(filters)('reads an index and little else by %s', async (name) => {
    await expectIndexes(() => searches.filters()[name]?.() ?? {}, BUFFERS_FOR_A_FILTER);
  });

  it.each(combinations)('reads an index and little else by %s', async (name) => {
    await expectIndexes(() => searches.combinations()[name]?.() ?? {}, BUFFERS_FOR_A_COMBINATION);
  });

  it.each<[string, CertificateSearch]>([
    ['everything', {}],
    ['users', { kind: 'user' }],
    ['what has expired', { status: 'expired' }],
    ['what was revoked', { status: 'revoked' }],
    ['a name', { common_name: 'anna' }],
  ])('goes on at any depth of the list of %s', async (_, query) => {
    const deep = await deepPage(query, 30);
    await expectIndexes(() => deep, BUFFERS_FOR_A_FILTER);
  });

  it('finds a usual name behind thousands of newer certificates with other names', async () => {
    await append(4_000, 'newcomer.example.com');
    names = new NameSample(database, new SystemClock());
    expect((await names.guess('newcomer')).share).toBeCloseTo(0.01, 3);
    expect((await names.guess('anna')).share).toBeCloseTo(0.11, 1);
    await expectIndexes(() => ({ common_name: 'anna' }), BUFFERS_FOR_A_FILTER);
    await expectIndexes(() => ({ common_name: 'anna', status: 'valid' }), BUFFERS_FOR_A_COMBINATION);
  });

  it('would be told of a sequential scan', async () => {
    const [row] = await database.rows<{ 'QUERY PLAN': { Plan: Plan }[] }>(
      "EXPLAIN (FORMAT JSON) SELECT FROM ct.certificate WHERE common_name LIKE '_%' OR not_before > now()",
    );
    const plan = row?.['QUERY PLAN'][0]?.Plan;
    expect(plan && nodes(plan).map((node) => node['Node Type'])).toContain('Seq Scan');
  });
});
