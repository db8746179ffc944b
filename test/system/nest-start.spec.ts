import { createServer } from 'node:net';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Variables } from '@libs/config';
import { ServicePorts, type ServiceName } from '../../tools/stack/ports';
import { ApiSession } from '../support/api-session';
import { freePorts } from '../support/free-ports';
import { LoggedProcess } from '../support/logged-process';
import { profileOf } from '../support/requests';
import { REPOSITORY } from './support/prerequisites';
import { processesNaming, processTree, stillRunning } from './support/process-tree';
import { temporaryFolder } from './support/running-product';

const NEST = join(REPOSITORY, 'node_modules', '.bin', 'nest');
const DEFAULT_PORTS = [8600, 9600, 8500, 9500, 8800, 9800, 8432, 8700];

/** None at all, unless somebody listens on the ports of old: then others, and where they are. */
async function variablesFor(dataDirectory: string): Promise<Variables> {
  const own = { DATA_DIRECTORY: dataDirectory };
  if ((await Promise.all(DEFAULT_PORTS.map(isFree))).every(Boolean)) return own;
  const names = ['FRONTEND_PORT', 'SIGNING_PORT', 'CT_PORT'];
  const management = names.map((name) => name.replace('_PORT', '_MANAGEMENT_PORT'));
  const development = ['DEVELOPMENT_POSTGRES_PORT', 'DEVELOPMENT_IDENTITY_PROVIDER_PORT'];
  const ports = await freePorts(DEFAULT_PORTS.length);
  const chosen = [...names, ...management, ...development].map((name, index) => [name, String(ports[index])]);
  return new ServicePorts({ ...own, ...Object.fromEntries(chosen) }).linked();
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}

describe('nest start, for each service by itself and without an environment', () => {
  const started: LoggedProcess[] = [];
  let dataDirectory: string;
  let variables: Variables;

  beforeAll(async () => {
    dataDirectory = temporaryFolder();
    variables = await variablesFor(dataDirectory);
  });

  afterAll(async () => {
    for (const nest of started) if (nest.isRunning) process.kill(-nest.pid, 'SIGKILL');
    for (const { pid } of processesNaming(dataDirectory)) process.kill(pid, 'SIGKILL');
    await sleep(100);
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  async function start(service: ServiceName): Promise<void> {
    const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...variables };
    // A group of its own, as a terminal gives it: Ctrl-C reaches nest and the service alike.
    const nest = LoggedProcess.start(`nest start ${service}`, NEST, ['start', service], {
      cwd: REPOSITORY,
      env,
      detached: true,
    });
    started.push(nest);
    await nest.waitFor('"service listening"', 30_000);
  }

  it.each(['frontend', 'signing', 'certtransparency'] as const)('%s starts, whichever is there already', (service) =>
    start(service),
  );

  it('they find each other: a person gets a profile that the log has', async () => {
    const session = await ApiSession.signIn(
      `http://localhost:${String(new ServicePorts(variables).of('frontend'))}`,
      'user',
    );
    expect((await profileOf(session)).text).toContain('# --- begin certificate log receipt ---');
  });

  it('Ctrl-C stops each with all that it started', async () => {
    const processes = started.flatMap(({ pid }) => processTree(pid));
    expect(processes.length).toBeGreaterThan(6);
    for (const nest of started) process.kill(-nest.pid, 'SIGINT');
    await Promise.all(started.map(({ ended }) => ended));
    const deadline = Date.now() + 10_000;
    while (stillRunning(processes).length > 0 && Date.now() < deadline) await sleep(50);
    expect(stillRunning(processes)).toEqual([]);
    expect(processesNaming(dataDirectory)).toEqual([]);
  });
});
