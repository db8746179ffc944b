import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError, EnvironmentReader, type Variables } from '.';

const SECRET = 'k7Jq0vXn2mB4tR8yU1wE5zA9cD3fG6hL';

function problemsOf(variables: Variables, read: (env: EnvironmentReader) => void): readonly string[] {
  const env = new EnvironmentReader(variables);
  read(env);
  try {
    env.finish();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe('EnvironmentReader', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ovpn-config-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('lists every problem at once and no value', () => {
    const variables = { PORT: 'eighty-secret', URL: 'ftp://user:hunter2@host', KEY: 'too-short-hunter2' };
    const problems = problemsOf(variables, (env) => {
      env.port('PORT', 80);
      env.httpUrl('URL');
      env.secret('KEY');
      env.string('MISSING');
    });
    expect(problems).toEqual([
      'PORT must be a whole number from 0 to 65535',
      'URL must be an http or https URL without user, query and fragment',
      'KEY must have at least 32 characters',
      'MISSING is missing',
    ]);
    expect(problems.join()).not.toContain('hunter2');
    expect(problems.join()).not.toContain('eighty-secret');
  });

  it('refuses an unknown environment name', () => {
    expect(problemsOf({ NODE_ENV: 'prod' }, () => undefined)).toEqual([
      'NODE_ENV must be one of development, test, production',
    ]);
  });

  it.each(['change-me-change-me-change-me-change-me', 'development-only-key-development-only'])(
    'refuses the example secret %s in production alone',
    (KEY) => {
      const read = (env: EnvironmentReader) => env.secret('KEY');
      expect(problemsOf({ NODE_ENV: 'production', KEY }, read)).toEqual(['KEY still holds an example value']);
      expect(problemsOf({ KEY }, read)).toEqual([]);
    },
  );

  it('reads a secret from the file that X_FILE names, without its last line end', () => {
    const path = join(folder, 'key');
    writeFileSync(path, `${SECRET}\n`);
    const env = new EnvironmentReader({ KEY_FILE: path });
    expect(env.secret('KEY')).toBe(SECRET);
    env.finish();
  });

  it('refuses X beside X_FILE, and a file that is not there', () => {
    const path = join(folder, 'both');
    writeFileSync(path, SECRET);
    expect(problemsOf({ KEY: SECRET, KEY_FILE: path }, (env) => env.secret('KEY'))).toEqual([
      'KEY and KEY_FILE are both set: keep one',
    ]);
    expect(problemsOf({ KEY_FILE: join(folder, 'nowhere') }, (env) => env.secret('KEY'))).toEqual([
      'KEY_FILE names a file that cannot be read',
      'KEY is missing',
    ]);
  });

  it('takes several secrets for rotation and checks each', () => {
    expect(new EnvironmentReader({ KEYS: ` ${SECRET}, ${SECRET}2 ,` }).secrets('KEYS')).toEqual([SECRET, `${SECRET}2`]);
    expect(problemsOf({ KEYS: `${SECRET},short` }, (env) => env.secrets('KEYS'))).toHaveLength(1);
    expect(problemsOf({ KEYS: ' , ' }, (env) => env.secrets('KEYS'))).toEqual(['KEYS is missing']);
  });

  it.each([
    ['-1', 1],
    ['1.5', 1],
    ['0x10', 1],
    ['1e3', 1],
    ['65536', 1],
    ['65535', 0],
  ])('reads the port %s with %d problems', (PORT, count) => {
    expect(problemsOf({ PORT }, (env) => env.port('PORT', 1))).toHaveLength(count);
  });

  it('keeps an issuer to the letter and drops the trailing slash of a base address', () => {
    const env = new EnvironmentReader({ A: 'https://idp.example.org/' });
    expect(env.exactHttpUrl('A')).toBe('https://idp.example.org/');
    expect(env.httpUrl('A')).toBe('https://idp.example.org');
  });

  it('takes SQLite only where allowed and never in production', () => {
    const sqlite = { DB: 'sqlite:a.sqlite' };
    expect(problemsOf(sqlite, (env) => env.databaseUrl('DB', { sqlite: true }))).toEqual([]);
    expect(problemsOf(sqlite, (env) => env.databaseUrl('DB', { sqlite: false }))).toHaveLength(1);
    expect(
      problemsOf({ ...sqlite, NODE_ENV: 'production' }, (env) => env.databaseUrl('DB', { sqlite: true })),
    ).toHaveLength(1);
    expect(problemsOf({ DB: 'postgres://u@h/d' }, (env) => env.databaseUrl('DB', { sqlite: false }))).toEqual([]);
  });
});
