import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { run } from '../run';
import type { StoredState } from '../state/agent-state';
import { ScriptedManager } from './scripted-manager';
import { ScriptedOpenvpn } from './scripted-openvpn';

const PATIENCE_MS = 10_000;

export interface RunningAgent {
  /** What it has logged so far. */
  readonly output: () => string;
  /** As SIGTERM does; answers the exit status. */
  readonly stop: () => Promise<number>;
}

/** An agent in this process, between a manager and an OpenVPN that do what a test tells them. */
export class AgentLab {
  readonly crlFolder: string;
  readonly crlFile: string;
  readonly stateFolder: string;
  /** Of the log that the manager has at first; the agent is given this one, whatever comes after it. */
  private readonly logKey: string;
  private readonly agents: RunningAgent[] = [];

  private constructor(
    readonly folder: string,
    readonly manager: ScriptedManager,
    readonly openvpn: ScriptedOpenvpn,
  ) {
    this.crlFolder = join(folder, 'crl');
    this.crlFile = join(folder, 'crl.pem');
    this.stateFolder = join(folder, 'state');
    this.logKey = manager.log.key;
  }

  static async start(): Promise<AgentLab> {
    const folder = mkdtempSync(join(tmpdir(), 'ovpn-agent-'));
    chmodSync(folder, 0o755);
    const openvpn = await ScriptedOpenvpn.start(join(folder, 'management.sock'));
    const lab = new AgentLab(folder, await ScriptedManager.start(), openvpn);
    mkdirSync(lab.crlFolder);
    mkdirSync(lab.stateFolder);
    lab.write('psk', 'ovpsk_of_the_tests\n', 0o600);
    return lab;
  }

  async close(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.stop()));
    await Promise.all([this.manager.stop(), this.openvpn.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  write(name: string, text: string, mode = 0o644): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  /** Writes the configuration: the folder and the management interface, and what `settings` makes of it. */
  configure(settings: Readonly<Record<string, unknown>> = {}): string {
    const configuration = {
      manager: this.manager.url,
      psk_file: join(this.folder, 'psk'),
      log_key_file: this.write('log.key', `# the log\n${this.logKey}\n`),
      state_directory: this.stateFolder,
      crl_directory: this.crlFolder,
      management: `unix:${this.openvpn.path}`,
      ...{ name: 'vpn-1', wait_seconds: 0, report_interval_seconds: 1, crl_interval_seconds: 1 },
      ...settings,
    };
    return this.write('agent.yaml', stringify(configuration));
  }

  agent(settings?: Readonly<Record<string, unknown>>): RunningAgent {
    const stop = new AbortController();
    const { status, output } = this.invoke(['--config', this.configure(settings)], stop.signal);
    const agent = {
      output,
      stop: () => {
        stop.abort();
        return status;
      },
    };
    this.agents.push(agent);
    return agent;
  }

  /** A single round; answers the exit status and what was logged. */
  async once(settings?: Readonly<Record<string, unknown>>): Promise<{ status: number; output: string }> {
    const { status, output } = this.invoke(['--config', this.configure(settings), '--once']);
    return { status: await status, output: output() };
  }

  state(): StoredState {
    return JSON.parse(readFileSync(join(this.stateFolder, 'state.json'), 'utf8')) as StoredState;
  }

  private invoke(argv: readonly string[], signal = new AbortController().signal) {
    let text = '';
    const collect = (chunk: string) => {
      text += chunk;
    };
    return { status: run(argv, { stdout: collect, stderr: collect, signal }), output: () => text };
  }
}

/** Waits until a check holds. */
export async function eventually(check: () => void | Promise<void>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(20);
    }
  }
}

export function randomSerial(): string {
  const bytes = randomBytes(20);
  bytes[0] = 1 + ((bytes[0] ?? 0) % 0x7f);
  return bytes.toString('hex').toUpperCase();
}

export function decimal(serialNumber: string): string {
  return BigInt(`0x${serialNumber}`).toString();
}
