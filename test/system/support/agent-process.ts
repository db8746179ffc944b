import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { LoggedProcess } from '../../support/logged-process';
import { REPOSITORY } from './prerequisites';

const AGENT = join(REPOSITORY, 'dist', 'tools', 'ovpn-agent', 'main.js');

export interface AgentSettings {
  readonly folder: string;
  readonly manager: string;
  readonly psk: string;
  readonly logKey: string;
  /** Further lines of the configuration. */
  readonly settings: Readonly<Record<string, string | number>>;
}

/** Writes the configuration of an agent, and answers its path. */
export function configureAgent({ folder, manager, psk, logKey, settings }: AgentSettings): string {
  mkdirSync(join(folder, 'state'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'psk'), `${psk}\n`, { mode: 0o600 });
  writeFileSync(join(folder, 'log.key'), `${logKey}\n`);
  const configuration = {
    manager,
    psk_file: join(folder, 'psk'),
    log_key_file: join(folder, 'log.key'),
    state_directory: join(folder, 'state'),
    ...settings,
  };
  const path = join(folder, 'agent.yaml');
  writeFileSync(path, stringify(configuration));
  return path;
}

/** `ovpn-agent` as it is installed beside a server. */
export function startAgent(configuration: string, ...options: readonly string[]): LoggedProcess {
  const args = ['--enable-source-maps', AGENT, '--config', configuration, ...options];
  return LoggedProcess.start('agent', process.execPath, args, { env: { PATH: process.env['PATH'] } });
}
