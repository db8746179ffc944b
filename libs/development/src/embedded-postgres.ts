import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { StartError } from '@libs/http';
import { postgresLauncher, type PostgresLauncher } from './postgres-launcher';
import { ensureSecret } from './secrets';

export interface EmbeddedPostgresOptions {
  /** Kept between starts; made when missing. */
  readonly dataDirectory: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** False for tests: faster, and lost with the machine. */
  readonly durable: boolean;
  /** Further settings of the server, by PostgreSQL's names: memory, limits. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** As superuser, database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

/**
 * A real PostgreSQL server from the npm registry's binaries, on the loopback address. When one already runs on the data
 * directory it is used, and left running by `stop`.
 * @throws StartError with one sentence when it cannot start
 */
export async function startPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDirectory } = options;
  const password = ensureSecret(join(dirname(dataDirectory), 'postgres.password'));
  const running = runningPort(dataDirectory);
  if (running !== undefined) {
    const url = superuserUrl(running, password);
    if (await accepts(url)) return { url, port: running, stop: () => Promise.resolve() };
  }
  const launcher = postgresLauncher(dirname(dataDirectory));
  if (!existsSync(join(dataDirectory, 'PG_VERSION'))) initialise(launcher, dataDirectory, password);
  const port = await freePort(options.port);
  const server = run(launcher, { ...options, port });
  endWithUs(server.child);
  const url = superuserUrl(port, password);
  await ready(server, url);
  return { url, port, stop: () => stop(server.child) };
}

function superuserUrl(port: number, password: string): string {
  return `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${String(port)}/postgres`;
}

/** postmaster.pid holds the process id in its first line and the port in its fourth. */
function runningPort(dataDirectory: string): number | undefined {
  const path = join(dataDirectory, 'postmaster.pid');
  if (!existsSync(path)) return undefined;
  const port = Number(readFileSync(path, 'utf8').split('\n')[3]);
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

async function accepts(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function initialise(launcher: PostgresLauncher, dataDirectory: string, password: string): void {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const passwordFile = join(dirname(dataDirectory), `.postgres-${randomBytes(6).toString('hex')}`);
  writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' });
  if (launcher.owner) {
    chownSync(dataDirectory, launcher.owner.uid, launcher.owner.gid);
    chownSync(passwordFile, launcher.owner.uid, launcher.owner.gid);
  }
  try {
    const { command, args, options } = launcher.invocation('initdb', [
      `--pgdata=${dataDirectory}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]);
    const result = spawnSync(command, args, { ...options, encoding: 'utf8' });
    if (result.status !== 0) {
      rmSync(dataDirectory, { recursive: true, force: true });
      throw new StartError(`PostgreSQL could not make its data folder ${dataDirectory}: ${lastLine(result.stderr)}`);
    }
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

interface ServerProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
}

function run(
  launcher: PostgresLauncher,
  { dataDirectory, port, durable, settings: further }: EmbeddedPostgresOptions,
): ServerProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    timezone: 'UTC',
    log_min_messages: 'warning',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'on', full_page_writes: 'off', max_connections: '200' }),
    ...further,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { command, args, options } = launcher.invocation('postgres', ['-D', dataDirectory, ...flags]);
  // A process group of its own: Ctrl-C at the terminal is for us, who stop the server after its clients.
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    tail = (tail + chunk).slice(-4_000);
  });
  return { child, output: () => tail };
}

/** However we end, short of being killed, the server does not outlive us. */
function endWithUs(child: ChildProcess): void {
  const kill = () => {
    child.kill('SIGINT');
  };
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
}

async function ready(server: ServerProcess, url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (server.child.exitCode !== null) break;
    if (await accepts(url)) return;
    await sleep(25);
  }
  server.child.kill('SIGQUIT');
  throw new StartError(`PostgreSQL did not start: ${lastLine(server.output())}`);
}

/** Fast shutdown; immediate when that takes too long. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  child.kill('SIGINT');
  const forced = setTimeout(() => child.kill('SIGQUIT'), 15_000);
  await exited;
  clearTimeout(forced);
}

async function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () => {
      reject(
        new StartError(
          `Port ${String(wanted)}, for PostgreSQL, is taken: stop what listens there, or set CT_DATABASE_URL.`,
        ),
      );
    });
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => {
        resolve(port);
      });
    });
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? 'it said nothing';
}
