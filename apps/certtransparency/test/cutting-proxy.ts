import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands before a PostgreSQL server and cuts connections around a COMMIT, as a network would. */
export class CuttingProxy {
  /** `before`: the COMMIT does not get through; `after`: it does, and its answer does not. */
  cut: 'never' | 'before' | 'after' = 'never';
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async before(databaseUrl: string): Promise<CuttingProxy> {
    const target = new URL(databaseUrl);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(databaseUrl);
    url.port = String((server.address() as AddressInfo).port);
    const proxy = new CuttingProxy(server, url.toString());
    server.on('connection', (client) => proxy.forward(client, Number(target.port), target.hostname));
    return proxy;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private forward(client: Socket, port: number, host: string): void {
    const upstream = connect(port, host);
    let deaf = false;
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      const commit = data.indexOf('COMMIT\0');
      if (this.cut === 'never' || commit < 0) {
        upstream.write(data);
        return;
      }
      const when = this.cut;
      this.cut = 'never';
      deaf = true;
      // A simple query is the letter Q and four bytes of length before its text.
      upstream.write(when === 'before' ? data.subarray(0, commit - 5) : data);
      setTimeout(() => client.destroy(), 150);
    });
    upstream.on('data', (data) => {
      if (!deaf) client.write(data);
    });
  }
}
