import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gauge, Registry } from 'prom-client';
import { CannotRun } from './cannot-run';
import { PROBLEM_CODES } from './problems';
import type { Status } from './status';

interface Figure {
  readonly name: string;
  readonly help: string;
  readonly value: (status: Status) => number | undefined;
}

const FIGURES: readonly Figure[] = [
  {
    name: 'ovpn_agent_sequence',
    help: 'Every revocation with a smaller log index is refused by the server',
    value: ({ sequence }) => sequence,
  },
  { name: 'ovpn_agent_log_size', help: 'Entries of the log', value: ({ sources }) => sources.state.head.size },
  {
    name: 'ovpn_agent_page_issued_timestamp_seconds',
    help: 'When the log signed the newest page of the feed that was accepted',
    value: ({ sources }) => sources.feed.issuedAt && sources.feed.issuedAt / 1000,
  },
  { name: 'ovpn_agent_revocations', help: 'Revocations in force', value: ({ sources }) => sources.store.size },
  {
    name: 'ovpn_agent_crl_next_update_timestamp_seconds',
    help: 'When the first of the CRLs beside the server expires, and everybody is refused',
    value: ({ sources: { crls, needsCrls } }) => {
      const ends = needsCrls ? (crls?.crls ?? []).map(({ nextUpdate }) => nextUpdate.getTime() / 1000) : [];
      return ends.length > 0 ? Math.min(...ends) : undefined;
    },
  },
  {
    name: 'ovpn_agent_management_connected',
    help: "1 while OpenVPN's management interface is reached",
    value: ({ management }) => (management === 'not_configured' ? undefined : Number(management === 'connected')),
  },
  { name: 'ovpn_agent_sessions', help: 'Clients connected', value: ({ sources }) => sources.guard?.sessions },
  {
    name: 'ovpn_agent_sessions_cut',
    help: 'Sessions of revoked certificates that were ended since the agent was started',
    value: ({ sources }) => sources.guard?.sessionsCut,
  },
];

export function registryOf(status: Status): Registry {
  const registry = new Registry();
  for (const { name, help, value } of FIGURES) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const figure = value(status);
        if (figure === undefined) this.reset();
        else this.set(figure);
      },
    });
  }
  new Gauge({
    name: 'ovpn_agent_problem',
    help: '1 for what is wrong at the moment',
    labelNames: ['problem'],
    registers: [registry],
    collect() {
      const present = new Set(status.sources.problems.codes);
      for (const problem of PROBLEM_CODES) this.set({ problem }, Number(present.has(problem)));
    },
  });
  return registry;
}

export interface MetricsServer {
  readonly port: number;
  readonly close: () => void;
}

/** Serves `/metrics` to this machine alone. @throws CannotRun when the port is taken */
export async function serveMetrics(status: Status, port: number): Promise<MetricsServer> {
  const registry = registryOf(status);
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('here is /metrics\n');
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.destroy(),
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    throw new CannotRun(`the port ${port} of the metrics cannot be opened: ${(error as Error).message}`);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
