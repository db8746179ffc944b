import type { EnvironmentReader } from './environment-reader';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where a service listens and how it speaks: the same for every app. */
export interface ListenerSettings {
  readonly host: string;
  readonly port: number;
  /** Health, readiness and metrics: not to be published. */
  readonly managementHost: string;
  readonly managementPort: number;
  /** Proxies in front of the service whose `X-Forwarded-For` entries are believed; 0 believes none. */
  readonly trustedProxies: number;
  readonly logLevel: LogLevel;
}

/** The management port is the public one + 1000 unless it is given. */
export function listenerSettings(env: EnvironmentReader, prefix: string, defaultPort: number): ListenerSettings {
  const host = env.isProduction ? '0.0.0.0' : '127.0.0.1';
  const port = env.port(`${prefix}_PORT`, defaultPort);
  return Object.freeze({
    host: env.string(`${prefix}_HOST`, host),
    port,
    managementHost: env.string(`${prefix}_MANAGEMENT_HOST`, host),
    managementPort: env.port(`${prefix}_MANAGEMENT_PORT`, port === 0 ? 0 : Math.min(port + 1000, 65_535)),
    trustedProxies: env.integer(`${prefix}_TRUSTED_PROXIES`, { default: 0, min: 0, max: 10 }),
    logLevel: env.oneOf(`${prefix}_LOG_LEVEL`, LOG_LEVELS, env.environment === 'test' ? 'silent' : 'info'),
  });
}

/** Another service of ours: address, our key for it, patience. */
export interface UpstreamSettings {
  readonly url: string;
  readonly key: string;
  readonly timeoutMs: number;
}

export function upstreamSettings(
  env: EnvironmentReader,
  names: { readonly url: string; readonly key: string; readonly timeoutMs: string },
  defaults: { readonly url: string; readonly timeoutMs: number },
): UpstreamSettings {
  return Object.freeze({
    url: env.httpUrl(names.url, env.isProduction ? undefined : defaults.url),
    key: env.secret(names.key),
    timeoutMs: env.integer(names.timeoutMs, { default: defaults.timeoutMs, min: 100, max: 120_000 }),
  });
}

export interface PoolSettings {
  readonly size: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

export function poolSettings(env: EnvironmentReader, prefix: string): PoolSettings {
  return Object.freeze({
    size: env.integer(`${prefix}_DATABASE_POOL_SIZE`, { default: 10, min: 1, max: 200 }),
    connectTimeoutMs: env.integer(`${prefix}_DATABASE_CONNECT_TIMEOUT_MS`, { default: 5_000, min: 100, max: 60_000 }),
    statementTimeoutMs: env.integer(`${prefix}_DATABASE_STATEMENT_TIMEOUT_MS`, {
      default: 15_000,
      min: 100,
      max: 600_000,
    }),
  });
}
