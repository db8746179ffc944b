import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Templates,
  assembleProfile,
  generateTlsCryptV2ClientKey,
  generateTlsCryptV2ServerKey,
  loadTemplates,
  packServerBundle,
  parseStaticKey,
  parseTlsCryptV2ClientKey,
  parseTlsCryptV2ServerKey,
  printStaticKey,
  printTlsCryptV2ClientKey,
  printTlsCryptV2ServerKey,
  unwrapTlsCryptV2ClientKey,
} from '../src';
import { makeThrowawayPki } from './throwaway-pki';

const run = promisify(execFile);
const OPENVPN = '/usr/sbin/openvpn';
const TEMPLATES = join(__dirname, '../../../examples/templates');
/** Leaves this machine's addresses and routes alone. */
const NO_NETWORK = ['--ifconfig-noexec', '--route-noexec'];

let directory: string;
const processes: ChildProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'openvpn-'));
});

afterEach(async () => {
  for (const child of processes.splice(0)) {
    if (child.exitCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(directory, { recursive: true, force: true });
});

it('unwraps a client key that openvpn made with our server key', async () => {
  const serverKey = generateTlsCryptV2ServerKey();
  const [serverFile, clientFile] = [join(directory, 'server.key'), join(directory, 'client.key')];
  await writeFile(serverFile, printTlsCryptV2ServerKey(serverKey));
  const data = Buffer.from('{"serial":"01"}');
  await run(OPENVPN, [
    '--tls-crypt-v2',
    serverFile,
    '--genkey',
    'tls-crypt-v2-client',
    clientFile,
    data.toString('base64'),
  ]);
  const { key, wrappedKey } = parseTlsCryptV2ClientKey(await readFile(clientFile, 'utf8'));
  expect(unwrapTlsCryptV2ClientKey(serverKey, wrappedKey)).toEqual({ key, metadata: { type: 'user', data } });
});

it('reads a server key and a static key that openvpn made, and prints them alike', async () => {
  const file = join(directory, 'a.key');
  await run(OPENVPN, ['--genkey', 'tls-crypt-v2-server', file]);
  const server = await readFile(file, 'utf8');
  expect(printTlsCryptV2ServerKey(parseTlsCryptV2ServerKey(server)).trim()).toBe(server.trim());
  await run(OPENVPN, ['--genkey', 'tls-crypt', file]);
  const fixed = await readFile(file, 'utf8');
  expect(fixed.trim().endsWith(printStaticKey(parseStaticKey(fixed)).trim())).toBe(true);
});

it('starts a server from the bundle as it comes and connects a sample profile, both without a warning', async () => {
  const lab = await unpackedBundle('Default');
  const server = start(['--config', 'Default.0001.ovpn', ...NO_NETWORK]);
  await server.until('Initialization Sequence Completed');
  const client = await connect(lab);
  await client.until('Initialization Sequence Completed');
  await server.until('MULTI: Learn');

  expect(server.output()).toContain('Control Channel: using tls-crypt-v2 key');
  expect(warningsOf(server.output())).toEqual([]);
  expect(warningsOf(client.output())).toEqual([]);
});

it('starts a server for use with the agent: it offers its management, and refuses who has a file in its folder', async () => {
  const lab = await unpackedBundle('Agent');
  const file = join(directory, 'Agent.0001.ovpn');
  const socketPath = join(directory, 'management.sock');
  const text = (await readFile(file, 'utf8'))
    .replace('/etc/openvpn/server/crl', join(directory, 'crl'))
    .replace('/run/openvpn-server/management.sock', socketPath)
    .replace('management-client-user ovpn-agent', `management-client-user ${userInfo().username}`);
  await writeFile(file, text);
  await mkdir(join(directory, 'crl'));
  const serialNumber = BigInt(`0x${new X509Certificate(lab.pki.client.certificate).serialNumber}`);
  await writeFile(join(directory, 'crl', serialNumber.toString()), '');
  const server = start(['--config', 'Agent.0001.ovpn', ...NO_NETWORK]);
  await server.until('Initialization Sequence Completed');

  const management = createConnection(socketPath).setEncoding('utf8');
  const [greeting] = (await once(management, 'data')) as [string];
  management.destroy();
  expect(greeting).toMatch(/^>INFO:OpenVPN Management Interface/);
  await connect(lab);
  await server.until(`VERIFY CRL: depth=0, CN=ada, serial=${serialNumber} is revoked`);
  expect(warningsOf(server.output())).toEqual([]);
});

interface Lab {
  readonly templates: Templates;
  readonly serverKey: ReturnType<typeof generateTlsCryptV2ServerKey>;
  readonly pki: Awaited<ReturnType<typeof makeThrowawayPki>>;
}

/** The bundle of a sample template set, in the folder of the test. */
async function unpackedBundle(set: string): Promise<Lab> {
  if (process.getuid?.() !== 0) throw new Error('a server with a tun device needs root');
  const site = {
    remote_host: '127.0.0.1',
    remote_port: await freeUdpPort(),
    server_name: 'vpn.example.org',
    network: '10.8.0.0',
    netmask: '255.255.255.0',
  };
  const templates = await loadTemplates(TEMPLATES, { site });
  await mkdir(join(directory, 'pki'));
  const pki = await makeThrowawayPki(join(directory, 'pki'), site.server_name);
  const serverKey = generateTlsCryptV2ServerKey();
  const bundle = await packServerBundle({
    ...pki,
    ...pki.server,
    controlChannel: { kind: 'tls-crypt-v2', key: printTlsCryptV2ServerKey(serverKey) },
    comments: '# receipt\n',
    configurations: templates.renderServer(set, { server_name: site.server_name }),
  });
  await chmod(directory, 0o755);
  await writeFile(join(directory, 'bundle.tar.gz'), bundle);
  await run('tar', ['-xzf', 'bundle.tar.gz'], { cwd: directory });
  return { templates, serverKey, pki };
}

/** Starts a client with a sample profile. */
async function connect({ templates, serverKey, pki }: Lab): Promise<RunningOpenVpn> {
  const { text } = templates.renderClient([], ['full-tunnel', 'split-dns'], {
    common_name: 'ada',
    profile_name: 'Ada "the first" at Example',
    email: 'ada@example.org',
    kind: 'user',
  });
  const clientKey = generateTlsCryptV2ClientKey(serverKey, { type: 'user', data: Buffer.from('{"serial":"01"}') });
  const profile = assembleProfile(text, {
    ...pki,
    ...pki.client,
    controlChannel: { kind: 'tls-crypt-v2', key: printTlsCryptV2ClientKey(clientKey) },
    comments: '# receipt\n',
  });
  await writeFile(join(directory, 'ada.ovpn'), profile, { mode: 0o600 });
  return start(['--config', 'ada.ovpn', '--dev', 'null', ...NO_NETWORK]);
}

interface RunningOpenVpn {
  readonly output: () => string;
  readonly until: (text: string) => Promise<void>;
}

function warningsOf(log: string): string[] {
  return log.split('\n').filter((line) => /WARN|DEPRECATED|Options error/i.test(line));
}

function start(args: readonly string[]): RunningOpenVpn {
  const child = spawn(OPENVPN, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  processes.push(child);
  let log = '';
  const collect = (chunk: Buffer) => {
    log += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const until = async (text: string) => {
    const deadline = Date.now() + 15_000;
    while (!log.includes(text)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`no "${text}" in the log:\n${log}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { output: () => log, until };
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
