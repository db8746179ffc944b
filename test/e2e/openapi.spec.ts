import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiDocument, type DescribedApi, ENTRIES } from '../../tools/api-documents/document';
import { Sources } from '../../tools/api-documents/sources';
import { type ApiDocument, breakingChanges } from './support/api-compatibility';

const ROOT = join(__dirname, '..', '..');
const SERVICES = ['frontend', 'signing', 'certtransparency'] as const;
type Service = (typeof SERVICES)[number];

const committed = (service: Service) => join(ROOT, 'docs', 'api', `${service}.json`);
const released = (service: Service) => join(ROOT, 'docs', 'api', 'released', `${service}.json`);
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as ApiDocument;

const described = new Map<Service, DescribedApi>();
const text = (service: Service) => `${JSON.stringify(described.get(service)?.document, null, 2)}\n`;

beforeAll(async () => {
  const sources = new Sources(ENTRIES);
  for (const service of SERVICES) described.set(service, await apiDocument(service, sources));
}, 120_000);

describe('the API documents', () => {
  it.each(SERVICES)('of %s leave nothing undescribed', (service) => {
    expect(described.get(service)?.gaps).toEqual([]);
  });

  // `UPDATE_API_DOCUMENTS=1 npx jest test/e2e/openapi` writes them, for the change to be reviewed with everything else.
  it.each(SERVICES)('of %s are committed as the code says', (service) => {
    if (process.env['UPDATE_API_DOCUMENTS'] === '1') writeFileSync(committed(service), text(service));
    expect(text(service)).toBe(readFileSync(committed(service), 'utf8'));
  });

  it.each(SERVICES)('of %s break no client of what was released', (service) => {
    if (process.env['UPDATE_API_DOCUMENTS'] === '1' && !existsSync(released(service))) {
      writeFileSync(released(service), text(service));
    }
    expect(breakingChanges(read(released(service)), JSON.parse(text(service)) as ApiDocument)).toEqual([]);
  });

  it('have no error that a linter of OpenAPI finds', () => {
    const spectral = join(ROOT, 'node_modules', '.bin', 'spectral');
    const documents = SERVICES.map(committed);
    const lint = ['lint', '--ruleset', join(ROOT, '.spectral.yaml'), '--fail-severity', 'error', '--format', 'text'];
    const { stdout, status } = spawnSync(spectral, [...lint, ...documents], { encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: expect.stringMatching(/^No results/) as string, status: 0 });
  });
});
