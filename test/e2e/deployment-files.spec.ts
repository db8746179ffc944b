import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Variables } from '@libs/config';
import { parse } from 'yaml';
import { CertTransparencyConfig } from '../../apps/certtransparency/src/config/certtransparency.config';
import { FrontendConfig } from '../../apps/frontend/src/config/frontend.config';
import { SigningConfig } from '../../apps/signing/src/config/signing.config';

const ROOT = join(__dirname, '..', '..');
const read = (...path: readonly string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

interface ComposeFile {
  readonly services: Readonly<Record<string, { readonly environment?: Variables }>>;
  readonly secrets: Readonly<Record<string, unknown>>;
}

const compose = parse(read('docker', 'compose.yml'), { merge: true }) as ComposeFile;
const example = read('.env.example');
const secret = 'a-secret-that-is-long-enough-for-everything';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'deployment-'));
  for (const name of Object.keys(compose.secrets)) writeFileSync(join(folder, name), secret);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The variables of one section of `.env.example`, with secrets in the place of what is to be changed. */
function section(name: string): Variables {
  const [, text = ''] = new RegExp(`# ── ${name} ──+\n([^]*?)\n# ── `).exec(example) ?? [];
  const lines = text.split('\n').filter((line) => /^[A-Z]/.test(line));
  const filled = lines.map((line) => line.replace(/change-me/g, secret).replace('/run/secrets', folder));
  return Object.fromEntries(
    filled.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** As docker/compose.yml starts a service: its section, and what the file sets itself. */
function environment(service: string): Variables {
  const own = Object.entries(compose.services[service]?.environment ?? {});
  const filled = own.map(([name, value]) => [name, value?.replace(/\$\{[^}]*\}/g, secret)]);
  return { NODE_ENV: 'production', ...section(service), ...Object.fromEntries(filled) };
}

describe('what is deployed', () => {
  it.each([
    ['certtransparency', (variables: Variables) => CertTransparencyConfig.from(variables)],
    ['signing', (variables: Variables) => SigningConfig.from(variables)],
    ['frontend', (variables: Variables) => FrontendConfig.from(variables)],
  ])('%s finds everything that it needs in production', (service, configure) => {
    expect(() => configure(environment(service))).not.toThrow();
  });

  it('pins the key of the log where its receipts are checked', () => {
    expect(SigningConfig.from(environment('signing')).logVerifierKeys).toEqual([secret]);
    expect(FrontendConfig.from(environment('frontend')).logVerifierKeys).toEqual([secret]);
  });

  it.each(['docker/Dockerfile', 'docker/compose.yml', '.env.example', 'package.json', 'docs/operations/agent.md'])(
    '%s names programs that exist',
    (file) => {
      const programs = [...read(file).matchAll(/\bdist\/((?:tools|apps)\/[\w/-]+)\.js/g)].map(([, path = '']) => path);
      expect(programs.filter((path) => !existsSync(join(ROOT, `${path}.ts`)))).toEqual([]);
    },
  );

  it('copies into the images what is there', () => {
    const copied = [...read('docker', 'Dockerfile').matchAll(/^COPY .*?\/build\/(\S+) /gm)].map(
      ([, path = '']) => path,
    );
    const sources = copied
      .filter((path) => !['node_modules', 'dist'].includes(path))
      .map((path) => path.replace('/*.json', ''));
    expect(sources).toContain('tools/tls-crypt-v2-verify/tls-crypt-v2-verify');
    expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
