import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export interface Client {
  readonly commonName: string;
  /** Upper-case hex; undefined for a client without certificate. */
  readonly serialNumber: string | undefined;
  /** Unix time in seconds. */
  readonly connectedSince: number;
  readonly address: string;
}

/** OpenVPN's management interface as version 2.6 speaks it, on a socket file. */
export class ScriptedOpenvpn {
  readonly clients = new Map<number, Client>();
  readonly commands: string[] = [];
  password: string | undefined;
  /** Says nothing at all, as while another client has the interface. */
  isTaken = false;
  /** What it answers instead, whatever is asked. */
  garbage: string | undefined;
  /** Answers as told, and does nothing. */
  isDeaf = false;
  /** Happens once, between making a list of the sessions and sending it. */
  whileListing: (() => void) | undefined;
  private nextId = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => {
    this.serve(socket);
  });

  private constructor(readonly path: string) {}

  static async start(path: string): Promise<ScriptedOpenvpn> {
    const openvpn = new ScriptedOpenvpn(path);
    openvpn.server.listen(path);
    await once(openvpn.server, 'listening');
    return openvpn;
  }

  /** A client has connected; those who listen are told. */
  connect(client: Partial<Client> & Pick<Client, 'commonName'>): number {
    const id = this.nextId;
    this.nextId += 1;
    const connectedSince = client.connectedSince ?? Math.floor(Date.now() / 1000);
    const connected = { serialNumber: undefined, address: `192.0.2.7:${1000 + id}`, ...client, connectedSince };
    this.clients.set(id, connected);
    for (const socket of this.sockets) socket.write(established(id, connected));
    return id;
  }

  /** As when OpenVPN is started anew: client ids begin at 0. */
  restart(): void {
    this.clients.clear();
    this.nextId = 0;
    this.disconnect();
  }

  disconnect(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.server.close();
    this.disconnect();
    await once(this.server, 'close');
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    if (this.isTaken) return;
    let isIn = this.password === undefined;
    socket.write(isIn ? GREETING : 'ENTER PASSWORD:');
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').slice(0, -1)) {
        if (isIn) socket.write(this.garbage ?? this.answer(line));
        else if (line === this.password) {
          isIn = true;
          socket.write(`SUCCESS: password is correct\r\n${GREETING}`);
        } else socket.write('ENTER PASSWORD:');
      }
    });
  }

  private answer(command: string): string {
    this.commands.push(command);
    if (command === 'status 3') return this.status();
    const id = /^client-kill (\d+) /.exec(command)?.[1];
    if (id !== undefined) return done(this.clients.has(Number(id)));
    const victim = command.replace(/^kill /, '');
    const found = [...this.clients].filter(([, { address, commonName }]) => [address, commonName].includes(victim));
    if (!this.isDeaf) for (const [killed] of found) this.clients.delete(killed);
    return done(found.length > 0);
  }

  private status(): string {
    const rows = [...this.clients].map(([id, { commonName, address, connectedSince }]) =>
      ['CLIENT_LIST', commonName, address, '10.8.0.2', '', 0, 0, 'x', connectedSince, 'UNDEF', id, id, 'x'].join('\t'),
    );
    const happens = this.whileListing;
    this.whileListing = undefined;
    happens?.();
    return ['TITLE\tOpenVPN 2.6.14', HEADER, ...rows, 'GLOBAL_STATS\tdco_enabled\t0', 'END', ''].join('\r\n');
  }
}

const GREETING = ">INFO:OpenVPN Management Interface Version 5 -- type 'help' for more info\r\n";
const HEADER =
  'HEADER\tCLIENT_LIST\tCommon Name\tReal Address\tVirtual Address\tVirtual IPv6 Address\tBytes Received\tBytes Sent\tConnected Since\tConnected Since (time_t)\tUsername\tClient ID\tPeer ID\tData Channel Cipher';

function done(isDone: boolean): string {
  return isDone ? 'SUCCESS: command succeeded\r\n' : 'ERROR: command failed\r\n';
}

function established(id: number, { commonName, serialNumber, connectedSince, address }: Client): string {
  const [ip, port] = address.split(/:(?=\d+$)/);
  const lines = [
    `>CLIENT:ESTABLISHED,${id}`,
    `>CLIENT:ENV,time_unix=${connectedSince}`,
    `>CLIENT:ENV,trusted_port=${port ?? ''}`,
    `>CLIENT:ENV,trusted_ip=${ip ?? ''}`,
    `>CLIENT:ENV,common_name=${commonName}`,
    ...(serialNumber === undefined
      ? []
      : [`>CLIENT:ENV,tls_serial_hex_0=${(serialNumber.toLowerCase().match(/../g) ?? []).join(':')}`]),
    '>CLIENT:ENV,END',
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}
