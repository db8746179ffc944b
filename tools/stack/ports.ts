import { once } from 'node:events';
import { createServer } from 'node:net';
import { StartError, errorCode } from '@libs/http';
import type { Variables } from '@libs/config';

const SERVICES = {
  frontend: { prefix: 'FRONTEND', port: 8600 },
  signing: { prefix: 'SIGNING', port: 8500 },
  certtransparency: { prefix: 'CT', port: 8800 },
} as const;

export type ServiceName = keyof typeof SERVICES;

/** Where the three services listen, by the variables that they read themselves. */
export class ServicePorts {
  constructor(private readonly variables: Variables) {}

  of(service: ServiceName): number {
    const { prefix, port } = SERVICES[service];
    return this.number(`${prefix}_PORT`, port);
  }

  managementOf(service: ServiceName): number {
    return this.number(`${SERVICES[service].prefix}_MANAGEMENT_PORT`, this.of(service) + 1000);
  }

  /** Ports given for one service are where the others look for it, unless they are told otherwise. */
  linked(): Variables {
    const url = (host: string, service: ServiceName) => `http://${host}:${String(this.of(service))}`;
    return {
      SIGNING_CT_URL: url('127.0.0.1', 'certtransparency'),
      FRONTEND_CT_URL: url('127.0.0.1', 'certtransparency'),
      FRONTEND_SIGNING_URL: url('127.0.0.1', 'signing'),
      FRONTEND_PUBLIC_URL: url('localhost', 'frontend'),
      ...this.variables,
    };
  }

  /** @throws StartError naming the first variable that holds no port */
  assertNumbers(): void {
    for (const { prefix } of Object.values(SERVICES)) {
      for (const name of [`${prefix}_PORT`, `${prefix}_MANAGEMENT_PORT`]) {
        const port = this.number(name, 1);
        if (!Number.isInteger(port) || port < 1 || port > 65_535)
          throw new StartError(`${name} must be a port from 1 to 65535.`);
      }
    }
  }

  /**
   * Asked before anything is started, so that the answer is one sentence.
   * @throws StartError naming the first port that is taken, and the variable that chooses another
   */
  async assertFree(): Promise<void> {
    for (const [name, { prefix }] of Object.entries(SERVICES)) {
      const service = name as ServiceName;
      await assertFree(this.of(service), service, `${prefix}_PORT`);
      await assertFree(this.managementOf(service), `${service} (management)`, `${prefix}_MANAGEMENT_PORT`);
    }
  }

  private number(name: string, fallback: number): number {
    const value = this.variables[name];
    return value === undefined || value === '' ? fallback : Number(value);
  }
}

async function assertFree(port: number, user: string, variable: string): Promise<void> {
  const probe = createServer();
  probe.listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (error) {
    const reason = errorCode(error) === 'EACCES' ? 'may not be opened by this user' : 'is taken';
    throw new StartError(
      `Port ${String(port)}, for ${user}, ${reason}: stop what listens there, or set ${variable} to another port.`,
    );
  }
  probe.close();
  await once(probe, 'close');
}
