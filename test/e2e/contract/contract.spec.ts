import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiDocument, type OpenApi } from '../support/contract/api-document';
import { type ContractCase, SERVICES, type Service } from '../support/contract/contract-case';
import { ContractCheck } from '../support/contract/contract-check';
import { ContractWorld } from '../support/contract/contract-world';
import { neverSuccessful, uncovered } from '../support/contract/coverage';
import { examplesOf } from '../support/contract/examples';
import type { Exchange } from '../support/contract/exchange';
import { refusalsOf } from '../support/contract/refusals';
import { Samples } from '../support/contract/samples';
import { CapturedOutput } from '../support/captured-output';
import { AREAS } from './areas';
import { SHOWN_ELSEWHERE } from './shown-elsewhere';

const ROOT = join(__dirname, '..', '..', '..');
const API = join(ROOT, 'docs', 'api');

/** What is promised of a service, and what was seen of it. */
class Contract {
  readonly document: ApiDocument;
  readonly check: ContractCheck;
  readonly cases: readonly ContractCase[];
  readonly refusals: readonly ContractCase[];
  readonly exchanges: Exchange[] = [];
  readonly refused: Exchange[] = [];

  constructor(readonly service: Service) {
    this.document = new ApiDocument(service, JSON.parse(readFileSync(join(API, `${service}.json`), 'utf8')) as OpenApi);
    this.check = new ContractCheck(this.document);
    this.cases = AREAS.filter((area) => area.service === service).flatMap(({ cases }) => cases);
    this.refusals = refusalsOf(this.document, this.cases);
  }
}

const startMs = Date.now();
const CONTRACTS: Readonly<Record<Service, Contract>> = {
  frontend: new Contract('frontend'),
  signing: new Contract('signing'),
  certtransparency: new Contract('certtransparency'),
};

describe('the API', () => {
  let world: ContractWorld;
  let output: CapturedOutput;

  beforeAll(async () => {
    output = new CapturedOutput();
    world = await ContractWorld.start();
  }, 120_000);
  afterAll(async () => {
    await world.stop();
    output.restore();
  });

  describe.each(AREAS)('of $name', ({ service, cases }) => {
    it.each(cases)('$operation: $name', async (promised) => {
      const exchange = await world.send(service, promised);
      CONTRACTS[service].exchanges.push(exchange);
      expect(CONTRACTS[service].check.violations(exchange)).toEqual([]);
    });
  });

  describe.each(SERVICES)('refuses in %s', (service) => {
    const { refusals, refused, check } = CONTRACTS[service];
    if (refusals.length === 0) return;
    it.each(refusals)('$operation: $name', async (promised) => {
      const exchange = await world.send(service, promised);
      refused.push(exchange);
      expect(check.violations(exchange)).toEqual([]);
    });
  });

  it.each(SERVICES)('of %s is covered by cases', (service) => {
    const { document, cases, refusals } = CONTRACTS[service];
    expect(neverSuccessful(document, cases)).toEqual([]);
    const missing = uncovered(document, [...cases, ...refusals]);
    expect(missing.filter(({ code = '' }) => SHOWN_ELSEWHERE[code] === undefined)).toEqual([]);
  });

  it.each(Object.entries(SHOWN_ELSEWHERE))('does not show %s, which another spec does', (_, { spec, words }) => {
    expect(readFileSync(join(ROOT, spec), 'utf8')).toContain(words);
  });

  // `UPDATE_API_DOCUMENTS=1 npx jest test/e2e/contract` writes them, and test/e2e/openapi puts them into the documents.
  it.each(SERVICES)('of %s has these very exchanges for examples', (service) => {
    const { exchanges, refused, cases } = CONTRACTS[service];
    if (exchanges.length < cases.length) return;
    const path = join(API, 'examples', `${service}.json`);
    const samples = new Samples(world.identityProviderUrl, startMs);
    const examples = `${JSON.stringify(examplesOf(exchanges, refused, samples), null, 2)}\n`;
    if (process.env['UPDATE_API_DOCUMENTS'] === '1') writeFileSync(path, examples);
    expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(examples);
  });
});
