import { readFileSync } from 'node:fs';

export const ENVIRONMENTS = ['development', 'test', 'production'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

export type Variables = Readonly<Record<string, string | undefined>>;

/** Whether a service started by hand is a developer's: then what its environment does not say is made on the spot. */
export function isDevelopment(variables: Variables): boolean {
  return (variables['NODE_ENV'] ?? 'development') === 'development';
}

/** Everything that is wrong with a service's environment, one line each; never a value. */
export class ConfigurationError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigurationError';
  }
}

/** Marks of the values in `.env.example` and of the development defaults: production refuses them. */
const EXAMPLE_SECRET = /development-only|change-?me/i;
const MIN_SECRET_LENGTH = 32;

interface NumberRange {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Reads variables, remembers every problem and goes on, so that one start tells all of them: call `finish()` last.
 * Every variable may be given as `NAME` or as `NAME_FILE`, a file that holds the value (a mounted secret).
 */
export class EnvironmentReader {
  readonly environment: Environment;
  private readonly problems: string[] = [];

  constructor(private readonly variables: Variables) {
    this.environment = this.oneOf('NODE_ENV', ENVIRONMENTS, 'development');
  }

  get isProduction(): boolean {
    return this.environment === 'production';
  }

  /** @param fallback the value when the variable is missing; without one, missing is a problem */
  string(name: string, fallback?: string): string {
    const value = this.read(name) ?? fallback;
    if (value !== undefined) return value;
    this.problem(`${name} is missing`);
    return '';
  }

  optionalString(name: string): string | undefined {
    return this.read(name);
  }

  /** A secret of at least 32 characters; production refuses the ones that stand in examples. */
  secret(name: string, options: { readonly minLength?: number } = {}): string {
    const value = this.string(name);
    if (value !== '') this.checkSecret(name, value, options.minLength ?? MIN_SECRET_LENGTH);
    return value;
  }

  /** Comma-separated secrets, the current one first: the others are accepted while they rotate. */
  secrets(name: string): readonly string[] {
    const values = this.list(name, undefined);
    for (const value of values) this.checkSecret(name, value, MIN_SECRET_LENGTH);
    return values;
  }

  /** Comma-separated values, trimmed, empty ones dropped. Without a fallback, an empty list is a problem. */
  list(name: string, fallback?: readonly string[]): readonly string[] {
    const value = this.read(name);
    if (value === undefined && fallback !== undefined) return fallback;
    const items = (value ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    if (items.length === 0 && fallback === undefined) this.problem(`${name} is missing`);
    return Object.freeze(items);
  }

  integer(name: string, range: NumberRange): number {
    const value = this.read(name);
    if (value === undefined) return range.default;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= range.min && number <= range.max) return number;
    this.problem(`${name} must be a whole number from ${String(range.min)} to ${String(range.max)}`);
    return range.default;
  }

  port(name: string, fallback: number): number {
    return this.integer(name, { default: fallback, min: 0, max: 65_535 });
  }

  boolean(name: string, fallback: boolean): boolean {
    return this.oneOf(name, ['true', 'false'] as const, fallback ? 'true' : 'false') === 'true';
  }

  oneOf<const T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.read(name);
    if (value === undefined) return fallback;
    const choice = choices.find((candidate) => candidate === value);
    if (choice !== undefined) return choice;
    this.problem(`${name} must be one of ${choices.join(', ')}`);
    return fallback;
  }

  /** An absolute URL without credentials, query and fragment; trailing slashes are dropped. */
  httpUrl(name: string, fallback?: string): string {
    return this.exactHttpUrl(name, fallback).replace(/\/+$/, '');
  }

  /** The same to the letter: an OpenID Connect issuer with a trailing slash is another issuer than one without. */
  exactHttpUrl(name: string, fallback?: string): string {
    const value = this.string(name, fallback);
    if (value === '') return value;
    const url = parseUrl(value);
    if (
      url &&
      ['http:', 'https:'].includes(url.protocol) &&
      url.username === '' &&
      url.search === '' &&
      url.hash === ''
    ) {
      return value;
    }
    this.problem(`${name} must be an http or https URL without user, query and fragment`);
    return '';
  }

  /** `postgres://user:password@host:port/database`, or with SQLite allowed also `sqlite:path/to/file`. */
  databaseUrl(name: string, options: { readonly sqlite: boolean }): string {
    const value = this.string(name);
    if (value === '' || isPostgresUrl(value)) return value;
    const isSqlite = /^sqlite:.+/.test(value);
    if (isSqlite && options.sqlite) {
      if (this.isProduction) this.problem(`${name} must name a PostgreSQL database in production`);
      return value;
    }
    this.problem(`${name} must look like postgres://user@host/database${options.sqlite ? ' or sqlite:path' : ''}`);
    return '';
  }

  /** For a rule that spans several variables. */
  problem(text: string): void {
    this.problems.push(text);
  }

  /** @throws ConfigurationError when anything was wrong */
  finish(): void {
    if (this.problems.length > 0) throw new ConfigurationError(this.problems);
  }

  private read(name: string): string | undefined {
    const direct = this.variables[name];
    const file = this.variables[`${name}_FILE`];
    if (direct !== undefined && direct !== '' && file !== undefined && file !== '') {
      this.problem(`${name} and ${name}_FILE are both set: keep one`);
    }
    if (direct !== undefined && direct !== '') return direct;
    return file === undefined || file === '' ? undefined : this.readFile(`${name}_FILE`, file);
  }

  private readFile(name: string, path: string): string | undefined {
    try {
      const content = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
      if (content === '') this.problem(`${name} names an empty file`);
      return content;
    } catch {
      this.problem(`${name} names a file that cannot be read`);
      return undefined;
    }
  }

  private checkSecret(name: string, value: string, minLength: number): void {
    if (value.length < minLength) this.problem(`${name} must have at least ${String(minLength)} characters`);
    if (this.isProduction && EXAMPLE_SECRET.test(value)) this.problem(`${name} still holds an example value`);
  }
}

function parseUrl(value: string): URL | undefined {
  return URL.canParse(value) ? new URL(value) : undefined;
}

function isPostgresUrl(value: string): boolean {
  const url = parseUrl(value);
  return url !== undefined && ['postgres:', 'postgresql:'].includes(url.protocol) && url.pathname.length > 1;
}
