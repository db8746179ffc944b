import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiDocument, breakingChanges } from './support/api-compatibility';
import { TestProduct } from './support/test-product';

const ROOT = join(__dirname, '..', '..');
const SERVICES = ['frontend', 'signing', 'certtransparency'] as const;
type Service = (typeof SERVICES)[number];

const committed = (service: Service) => join(ROOT, 'docs', 'api', `${service}.json`);
const released = (service: Service) => join(ROOT, 'docs', 'api', 'released', `${service}.json`);
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as ApiDocument;

const urlOf = ({ listener }: { listener: { port: number } }) => `http://127.0.0.1:${String(listener.port)}`;
const served = new Map<Service, string>();

beforeAll(async () => {
  const product = await TestProduct.start();
  const urls: Record<Service, string> = {
    frontend: product.frontendUrl,
    signing: urlOf(product.signingConfig),
    certtransparency: urlOf(product.logConfig),
  };
  for (const service of SERVICES) {
    const response = await fetch(`${urls[service]}/api/v1/openapi.json`);
    served.set(service, `${JSON.stringify(await response.json(), null, 2)}\n`);
  }
  await product.close();
}, 120_000);

describe('the API documents', () => {
  // `UPDATE_API_DOCUMENTS=1 npx jest test/e2e/openapi` writes them, for the change to be reviewed with everything else.
  it.each(SERVICES)('of %s are committed as they are served', (service) => {
    const document = served.get(service) ?? '';
    if (process.env['UPDATE_API_DOCUMENTS'] === '1') writeFileSync(committed(service), document);
    expect(document).toBe(readFileSync(committed(service), 'utf8'));
  });

  it.each(SERVICES)('of %s break no client of what was released', (service) => {
    if (process.env['UPDATE_API_DOCUMENTS'] === '1' && !existsSync(released(service))) {
      writeFileSync(released(service), served.get(service) ?? '');
    }
    expect(breakingChanges(read(released(service)), JSON.parse(served.get(service) ?? '') as ApiDocument)).toEqual([]);
  });

  it('have no error that a linter of OpenAPI finds', () => {
    const spectral = join(ROOT, 'node_modules', '.bin', 'spectral');
    const documents = SERVICES.map(committed);
    const lint = ['lint', '--ruleset', join(ROOT, '.spectral.yaml'), '--fail-severity', 'error', '--format', 'text'];
    const { stdout, status } = spawnSync(spectral, [...lint, ...documents], { encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: expect.stringMatching(/^No results/) as string, status: 0 });
  });
});
