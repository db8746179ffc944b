import { chmodSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggedProcess } from '../../support/logged-process';
import type { VpnLab } from './vpn-lab';

const POLL_MS = 5;
const PATIENCE_MS = 10_000;

export interface ServerMaterial {
  /** Certificates of every CA, in PEM. */
  readonly authorities: string;
  /** Certificate, then its issuer's, in PEM. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly crl: string | Buffer;
}

export interface ClientMaterial {
  readonly root: string;
  readonly intermediate: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/**
 * An OpenVPN server over TCP in a lab, from files alone, and clients that knock at it. Over TCP a client that is refused sees
 * it within milliseconds.
 */
export class VpnServer {
  private clients = 0;

  private constructor(
    private readonly lab: VpnLab,
    private readonly folder: string,
    private readonly port: number,
    readonly process: LoggedProcess,
  ) {}

  /** @param extra further directives, one a line */
  static async start(
    lab: VpnLab,
    folder: string,
    material: ServerMaterial,
    options: { readonly port?: number; readonly extra?: readonly string[] } = {},
  ): Promise<VpnServer> {
    const { port = 1194, extra = [] } = options;
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    const secret = { mode: 0o600 };
    writeFileSync(join(folder, 'ca.crt'), material.authorities);
    writeFileSync(join(folder, 'server.crt'), material.certificate);
    writeFileSync(join(folder, 'server.key'), material.privateKey, secret);
    writeFileSync(join(folder, 'crl.pem'), material.crl, { mode: 0o644 });
    writeFileSync(join(folder, 'server.ovpn'), `${[...DIRECTIVES, `port ${port}`, ...extra].join('\n')}\n`);
    const process = lab.openvpn('server', 'server', folder, ['--config', 'server.ovpn']);
    await process.waitFor('Initialization Sequence Completed');
    return new VpnServer(lab, folder, port, process);
  }

  publish(crl: string | Buffer): void {
    publishCrl(this.folder, crl);
  }

  /** Connects, waits for the server's decision, and leaves again. */
  async admits(client: ClientMaterial, extra: readonly string[] = []): Promise<boolean> {
    this.clients += 1;
    const file = join(this.folder, `client-${this.clients}.ovpn`);
    writeFileSync(file, this.profileOf(client, extra), { mode: 0o600 });
    const process = this.lab.openvpn('client', `client ${this.clients}`, this.folder, ['--config', file]);
    try {
      return await decision(process);
    } finally {
      await process.stop('SIGKILL');
    }
  }

  private profileOf(client: ClientMaterial, extra: readonly string[]): string {
    const block = (name: string, text: string) => `<${name}>\n${text.trim()}\n</${name}>`;
    return [
      `client\ndev null\nifconfig-noexec\nroute-noexec\nproto tcp\nremote ${this.lab.addressOf('server')} ${this.port}`,
      'nobind\nremote-cert-tls server\ntls-version-min 1.3\ndata-ciphers AES-256-GCM\nauth-nocache\nverb 3',
      ...extra,
      block('ca', client.root),
      block('cert', client.certificate),
      block('extra-certs', client.intermediate),
      block('key', client.privateKey),
      '',
    ].join('\n');
  }
}

let changes = 0;

/** Replaces a server's CRL as an agent does, in one step; OpenVPN looks at size and time, whose unit is a second. */
export function publishCrl(folder: string, crl: string | Buffer): void {
  const temporary = join(folder, '.crl.pem');
  writeFileSync(temporary, crl);
  chmodSync(temporary, 0o644);
  changes += 1;
  const time = Date.now() / 1000 + 2 * changes;
  utimesSync(temporary, time, time);
  renameSync(temporary, join(folder, 'crl.pem'));
}

const DIRECTIVES = [
  ...['mode server', 'tls-server', 'proto tcp-server', 'dev tun', 'topology subnet', 'server 10.8.0.0 255.255.255.0'],
  ...['keepalive 10 60', 'persist-tun', 'persist-key', 'user nobody', 'group nogroup'],
  ...['ca ca.crt', 'cert server.crt', 'key server.key', 'dh none', 'crl-verify crl.pem'],
  ...['tls-version-min 1.3', 'remote-cert-tls client', 'data-ciphers AES-256-GCM', 'cipher AES-256-GCM', 'verb 3'],
];

/** Whether a client over TCP has been let in; waits until the server has decided. */
export async function decision(client: LoggedProcess): Promise<boolean> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const said = client.output();
    if (said.includes('Peer Connection Initiated')) return true;
    if (said.includes('Connection reset')) return false;
    if (!client.isRunning || Date.now() > deadline) throw new Error(`no decision about ${client.name}:\n${said}`);
    await sleep(POLL_MS);
  }
}
