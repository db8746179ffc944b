import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the range from which the system takes the ports of outgoing connections, any of which could be gone a moment later. */
const FIRST = 15_000;
const LAST = 31_999;

/** Different ports of the loopback address that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = new Map<number, Server>();
  while (servers.size < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    const server = servers.has(port) ? undefined : await tryListen(port);
    if (server) servers.set(port, server);
  }
  for (const server of servers.values()) {
    server.close();
    await once(server, 'close');
  }
  return [...servers.keys()];
}

async function tryListen(port: number): Promise<Server | undefined> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
