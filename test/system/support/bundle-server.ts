import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoggedProcess } from '../../support/logged-process';
import type { VpnLab } from './vpn-lab';

export type CrlMode = 'folder' | 'file';

/** An OpenVPN server that runs from a server bundle, with a management interface, and with one of the two kinds of CRL. */
export class BundleServer {
  readonly managementPath: string;
  readonly crlFolder: string;
  readonly crlFile: string;
  private process: LoggedProcess;

  private constructor(
    private readonly lab: VpnLab,
    readonly folder: string,
    private readonly configuration: string,
  ) {
    this.managementPath = join(folder, 'management.sock');
    this.crlFolder = join(folder, 'crl');
    this.crlFile = join(folder, 'crl.pem');
  }

  static async start(lab: VpnLab, folder: string, bundle: Uint8Array, mode: CrlMode): Promise<BundleServer> {
    const server = new BundleServer(lab, folder, 'agent.ovpn');
    mkdirSync(server.crlFolder, { recursive: true });
    writeFileSync(join(folder, 'bundle.tar.gz'), bundle);
    execFileSync('tar', ['-xzf', join(folder, 'bundle.tar.gz'), '-C', folder]);
    const sample = readFileSync(join(folder, 'Default.0001.ovpn'), 'utf8');
    const text = mode === 'folder' ? sample.replace('crl-verify crl.pem', 'crl-verify crl dir') : sample;
    writeFileSync(join(folder, server.configuration), `${text}\nmanagement ${server.managementPath} unix\n`);
    await server.run();
    return server;
  }

  output(): string {
    return this.process.output();
  }

  get log(): LoggedProcess {
    return this.process;
  }

  async restart(): Promise<void> {
    await this.process.stop();
    await this.run();
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }

  private async run(): Promise<void> {
    this.process = this.lab.openvpn('server', 'server', this.folder, ['--config', this.configuration]);
    await this.process.waitFor('Initialization Sequence Completed');
  }
}
