import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { parse, YAMLParseError } from 'yaml';
import { CannotRun } from '../cannot-run';
import { ConfigReader } from './config-reader';

/** Where OpenVPN's management interface listens. */
export type ManagementAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** What the agent's configuration file says. */
export interface AgentConfig {
  /** Of the frontend, without a trailing slash. */
  readonly manager: string;
  readonly pskFile: string;
  readonly logKeyFile: string;
  readonly stateDirectory: string;
  /** For `crl-verify … dir`. */
  readonly crlDirectory: string | undefined;
  /** For `crl-verify`. */
  readonly crlFile: string | undefined;
  /** The CAs whose CRLs are believed. */
  readonly caFile: string | undefined;
  readonly management: ManagementAddress | undefined;
  readonly managementPasswordFile: string | undefined;
  /** What the server is called in reports. */
  readonly name: string;
  readonly waitSeconds: number;
  readonly staleAfterSeconds: number;
  readonly crlIntervalSeconds: number;
  readonly reportIntervalSeconds: number;
  /** Of the metrics; the loopback address alone. */
  readonly metricsPort: number | undefined;
  /** Trusted for the manager's certificate, in place of the system's CAs. */
  readonly tlsCaFile: string | undefined;
}

/** @throws CannotRun naming everything that is wrong */
export async function readConfig(path: string): Promise<AgentConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new CannotRun(
      `the configuration ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'}`,
    );
  }
  return parseConfig(text);
}

/** @throws CannotRun naming everything that is wrong */
export function parseConfig(text: string): AgentConfig {
  const reader = new ConfigReader(mapping(text));
  const config: AgentConfig = {
    manager: reader.managerUrl('manager'),
    pskFile: reader.path('psk_file'),
    logKeyFile: reader.path('log_key_file'),
    stateDirectory: reader.path('state_directory'),
    crlDirectory: reader.optionalPath('crl_directory'),
    crlFile: reader.optionalPath('crl_file'),
    caFile: reader.optionalPath('ca_file'),
    management: reader.managementAddress('management'),
    managementPasswordFile: reader.optionalPath('management_password_file'),
    name: reader.hostName('name', hostname()),
    waitSeconds: reader.seconds('wait_seconds', { fallback: 20, min: 0, max: 25 }),
    staleAfterSeconds: reader.seconds('stale_after_seconds', { fallback: 300, min: 10, max: 86_400 }),
    crlIntervalSeconds: reader.seconds('crl_interval_seconds', { fallback: 60, min: 1, max: 3_600 }),
    reportIntervalSeconds: reader.seconds('report_interval_seconds', { fallback: 30, min: 1, max: 3_600 }),
    metricsPort: reader.port('metrics_port'),
    tlsCaFile: reader.optionalPath('tls_ca_file'),
  };
  if (config.crlDirectory === undefined && config.crlFile === undefined) {
    reader.problem('crl_directory or crl_file is needed: what crl-verify of the server points at');
  }
  if (config.crlFile !== undefined && config.caFile === undefined) {
    reader.problem('ca_file is needed with crl_file: the CAs whose CRLs are believed, ca-chain.crt of the bundle');
  }
  reader.finish();
  return config;
}

function mapping(text: string): Record<string, unknown> {
  try {
    const value: unknown = parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new CannotRun(`the configuration is not YAML: ${error.message.split('\n')[0] ?? ''}`);
  }
  throw new CannotRun('the configuration is not a list of `name: value` lines');
}
