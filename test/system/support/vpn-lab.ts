import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { LoggedProcess } from '../../support/logged-process';
import { OPENVPN } from './prerequisites';

export type Side = 'server' | 'client';

/** Documentation addresses (RFC 5737): they exist inside the two namespaces alone. */
const ADDRESSES: Readonly<Record<Side, string>> = { server: '192.0.2.1', client: '192.0.2.2' };
const SIDES: readonly Side[] = ['server', 'client'];

/**
 * Two hosts on one machine: network namespaces that a cable (a veth pair) joins. OpenVPN runs on either side with a tun
 * device of its own, and nothing of it touches this machine's network.
 */
export class VpnLab {
  private readonly processes: LoggedProcess[] = [];
  private readonly dispose = () => {
    this.remove();
  };

  private constructor(private readonly id: string) {
    // Also when the test run is ended from outside before it could clean up.
    process.once('exit', this.dispose);
  }

  static create(): VpnLab {
    const lab = new VpnLab(randomBytes(4).toString('hex'));
    try {
      lab.connect();
      return lab;
    } catch (error) {
      lab.remove();
      throw error;
    }
  }

  addressOf(side: Side): string {
    return ADDRESSES[side];
  }

  /** Runs `openvpn` with a folder as working directory, to which the file names in its configuration are relative. */
  openvpn(side: Side, name: string, folder: string, args: readonly string[]): LoggedProcess {
    const command = ['netns', 'exec', this.namespace(side), OPENVPN, ...args];
    const started = LoggedProcess.start(name, 'ip', command, { cwd: folder });
    this.processes.push(started);
    return started;
  }

  /** Whether one echo request from a side is answered in time. */
  ping(side: Side, address: string): boolean {
    const args = ['netns', 'exec', this.namespace(side), 'ping', '-n', '-c', '1', '-W', '2', address];
    return spawnSync('ip', args, { stdio: 'ignore' }).status === 0;
  }

  /** Ends every process and removes the namespaces, whose devices go with them. */
  async close(): Promise<void> {
    await Promise.all(this.processes.map((started) => started.stop('SIGTERM', 3_000)));
    this.remove();
    process.removeListener('exit', this.dispose);
  }

  private namespace(side: Side): string {
    return `ovpn-${side}-${this.id}`;
  }

  private connect(): void {
    // Interface names have at most 15 characters.
    const device = (side: Side) => `ov${side.charAt(0)}${this.id}`;
    for (const side of SIDES) ip('netns', 'add', this.namespace(side));
    ip('link', 'add', device('server'), 'type', 'veth', 'peer', 'name', device('client'));
    for (const side of SIDES) {
      ip('link', 'set', device(side), 'netns', this.namespace(side));
      ip('-n', this.namespace(side), 'address', 'add', `${ADDRESSES[side]}/24`, 'dev', device(side));
      ip('-n', this.namespace(side), 'link', 'set', device(side), 'up');
      ip('-n', this.namespace(side), 'link', 'set', 'lo', 'up');
    }
  }

  /** Synchronous, so that it works while the process ends. */
  private remove(): void {
    for (const started of this.processes) if (started.isRunning) started.signal('SIGKILL');
    for (const side of SIDES) spawnSync('ip', ['netns', 'delete', this.namespace(side)], { stdio: 'ignore' });
    spawnSync('ip', ['link', 'delete', `ovs${this.id}`], { stdio: 'ignore' });
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
}
