import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a database that can be held, so that nobody there answers, and closed. */
export class Gate {
  private readonly sockets = new Set<Socket>();
  private isHeld = false;

  private constructor(
    private readonly server: Server,
    /** Of the database, through the gate. */
    readonly url: string,
  ) {}

  static async to(databaseUrl: string): Promise<Gate> {
    const target = new URL(databaseUrl);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const gate = new Gate(server, url.href);
    server.on('connection', (incoming) => {
      const outgoing = connect(Number(target.port), target.hostname);
      gate.join(incoming, outgoing);
      gate.join(outgoing, incoming);
    });
    return gate;
  }

  /** What is on its way stays where it is. */
  hold(): void {
    this.isHeld = true;
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  /** Cuts what is connected, and lets nothing else through. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(from: Socket, to: Socket): void {
    this.sockets.add(from);
    if (this.isHeld) return;
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
    from.pipe(to);
  }
}
