import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiSession, objectOf } from '../support/api-session';
import type { LoggedProcess } from '../support/logged-process';
import { ProfileFile } from '../support/profile-file';
import { createPsk, fetchWithPsk } from '../support/requests';
import { configureAgent, startAgent } from './support/agent-process';
import { BundleServer, type CrlMode } from './support/bundle-server';
import { residentBytes } from './support/process-tree';
import { RunningProduct, temporaryFolder } from './support/running-product';
import { VpnLab } from './support/vpn-lab';

const CONNECTED = 'Initialization Sequence Completed';
const REVOCATIONS = 20;
/** A client without a device of its own: twenty of them take nothing from each other. */
const WITHOUT_DEVICE = ['--dev', 'null', '--ifconfig-noexec', '--route-noexec'];
const MODES: readonly CrlMode[] = ['folder', 'file'];

/** An OpenVPN server with its agent, as it stands between the tests. */
interface Site {
  readonly mode: CrlMode;
  readonly server: BundleServer;
  readonly configuration: string;
  agent: LoggedProcess;
}

/** One run of the product; the tests tell a story in order, at the end of which there is no manager any more. */
describe('the agent beside a real OpenVPN', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  const labs = new Map<CrlMode, VpnLab>();
  const sites = new Map<CrlMode, Site>();
  const good = new Map<CrlMode, ProfileFile>();
  const revoked = new Map<CrlMode, ProfileFile>();
  let product: RunningProduct;
  let folder: string;
  let admin: ApiSession;
  let serverPsk: string;

  beforeAll(async () => {
    folder = temporaryFolder();
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    for (const mode of MODES) {
      const lab = VpnLab.create();
      labs.set(mode, lab);
      cleanups.push(() => lab.close());
    }
    // Each lab is a network of its own, with the same addresses in it.
    const host = labOf('folder').addressOf('server');
    product = await RunningProduct.start({
      variables: { OPENVPN_REMOTE_HOST: host, OPENVPN_REMOTE_PORT: '1194' },
    });
    cleanups.push(() => product.stop());
    admin = await ApiSession.signIn(product.frontendUrl, 'admin');
    serverPsk = await createPsk(admin, { kind: 'server', common_name: 'vpn.localhost' });
    for (const mode of MODES) sites.set(mode, await startSite(mode));
  });

  afterAll(async () => {
    const agents = [...sites.values()].map(({ agent }) => agent.stop());
    const ended = await Promise.allSettled([...agents, ...cleanups.reverse().map((cleanup) => cleanup())]);
    expect(ended.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  function valueOf<T>(map: ReadonlyMap<CrlMode, T>, mode: CrlMode): T {
    const value = map.get(mode);
    if (value === undefined) throw new Error('an earlier test has not come that far');
    return value;
  }
  const labOf = (mode: CrlMode) => valueOf(labs, mode);
  const siteOf = (mode: CrlMode) => valueOf(sites, mode);

  async function startSite(mode: CrlMode): Promise<Site> {
    const bundle = await fetchWithPsk(product.frontendUrl, 'server', serverPsk);
    const serverFolder = join(folder, mode);
    mkdirSync(serverFolder);
    const server = await BundleServer.start(labOf(mode), serverFolder, Buffer.from(await bundle.arrayBuffer()), mode);
    const agentFolder = join(serverFolder, 'agent');
    mkdirSync(agentFolder);
    const logKey = readFileSync(join(product.dataDirectory, 'log', 'verifier.key'), 'utf8').trim();
    const crl: Readonly<Record<string, string>> =
      mode === 'folder' ? { crl_directory: server.crlFolder } : { crl_file: server.crlFile };
    const configuration = configureAgent({
      ...{ folder: agentFolder, manager: product.frontendUrl, psk: serverPsk, logKey },
      settings: {
        ...crl,
        ca_file: join(serverFolder, 'ca-chain.crt'),
        management: `unix:${server.managementPath}`,
        name: `vpn-${mode}`,
        report_interval_seconds: 2,
        stale_after_seconds: 10,
      },
    });
    const agent = startAgent(configuration);
    await agent.waitFor('agent started');
    return { mode, server, configuration, agent };
  }

  async function computerProfile(name: string): Promise<ProfileFile> {
    const psk = await createPsk(admin, { kind: 'computer', common_name: name });
    return new ProfileFile(await (await fetchWithPsk(product.frontendUrl, 'computer', psk)).text());
  }

  function connect(mode: CrlMode, name: string, profile: ProfileFile): LoggedProcess {
    const file = join(folder, `${mode}-${name}.ovpn`);
    writeFileSync(file, profile.text, { mode: 0o600 });
    return labOf(mode).openvpn('client', name, folder, ['--config', file, ...WITHOUT_DEVICE]);
  }

  async function revoke(profile: ProfileFile): Promise<void> {
    const path = `/api/v1/admin/certificates/${profile.fingerprint}/revocation`;
    objectOf(await admin.post(path, { reason: 'privilege_withdrawn' }));
  }

  async function until(holds: () => boolean | Promise<boolean>, what: string, patienceMs = 15_000): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!(await holds())) {
      if (performance.now() > deadline) {
        const outputs = [...sites.values()].map(({ agent, server }) => `${agent.output()}\n${server.output()}`);
        throw new Error(`${what} did not happen:\n${outputs.join('\n')}`);
      }
      await delay(5);
    }
  }

  const hasEnded = (server: BundleServer, name: string) =>
    new RegExp(`^.* ${name}/\\S+ SIGTERM\\[.*client-instance exiting$`, 'm').test(server.output());

  /** Milliseconds from the call to the end of the session, as the server tells it. */
  async function timeToCut(server: BundleServer, name: string, profile: ProfileFile): Promise<number> {
    const started = performance.now();
    const call = revoke(profile);
    await until(() => hasEnded(server, name), `the cut of ${name}`);
    const time = performance.now() - started;
    await call;
    return time;
  }

  async function expectRefused({ mode, server }: Site, profile: ProfileFile): Promise<void> {
    const before = server.output().length;
    const client = connect(mode, 'refused', profile);
    await until(
      () => server.output().slice(before).includes('certificate revoked') || refusedByFolder(server, before),
      'the refusal',
    );
    expect(client.output()).not.toContain(CONNECTED);
    await client.stop();
  }

  const refusedByFolder = (server: BundleServer, before: number) =>
    /CRL CHECK FAILED|VERIFY CRL.*revoked/.test(server.output().slice(before));

  async function expectLetIn(mode: CrlMode, profile: ProfileFile): Promise<void> {
    const client = connect(mode, 'good', profile);
    await client.waitFor(CONNECTED);
    await client.stop();
  }

  it.each(MODES)('cuts live sessions within seconds of the call that revokes them (%s)', async (mode) => {
    const { server } = siteOf(mode);
    const names = Array.from({ length: REVOCATIONS }, (_, index) => `kiosk-${String(index).padStart(2, '0')}`);
    const profiles = new Map<string, ProfileFile>();
    for (const name of [...names, 'bystander']) profiles.set(name, await computerProfile(name));
    const clients = [...profiles].map(([name, profile]) => connect(mode, name, profile));
    await Promise.all(clients.map((client) => client.waitFor(CONNECTED)));
    const times: number[] = [];
    for (const name of names) times.push(await timeToCut(server, name, profiles.get(name)!));
    times.sort((one, other) => one - other);
    const at = (part: number) => Math.round(times[Math.ceil(part * times.length) - 1] ?? 0);
    process.stdout.write(
      `from the call to the cut, ${mode}, ${times.length} sessions: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`,
    );
    expect(at(0.99)).toBeLessThan(5_000);
    // Each client was told, and left; nobody else was touched.
    for (const client of clients.slice(0, REVOCATIONS)) await client.waitFor('Halt command was pushed by server');
    expect(hasEnded(server, 'bystander')).toBe(false);
    await clients.at(-1)?.stop();
    good.set(mode, profiles.get('bystander')!);
    revoked.set(mode, profiles.get(names[0] ?? '')!);
  });

  it('cuts a client that does not listen, too', async () => {
    const profile = await computerProfile('deaf');
    const client = connect('folder', 'deaf', profile);
    await client.waitFor(CONNECTED);
    client.signal('SIGSTOP');
    expect(await timeToCut(siteOf('folder').server, 'deaf', profile)).toBeLessThan(5_000);
    client.signal('SIGKILL');
  });

  it.each(MODES)('keeps who was cut out, and lets others in (%s)', async (mode) => {
    await expectRefused(siteOf(mode), valueOf(revoked, mode));
    await expectLetIn(mode, valueOf(good, mode));
  });

  it('the administrator sees what each server has applied', async () => {
    await until(async () => {
      const { items } = objectOf(await admin.get('/api/v1/admin/servers')) as { items: Record<string, unknown>[] };
      const states = items.map(({ name, lag, management, problems, sessions_cut }) => ({
        ...{ name, lag, management, problems, sessions_cut },
      }));
      return MODES.every((mode) =>
        states.some((state) => {
          const expected = { name: `vpn-${mode}`, lag: { revocations: 0, is_exact: true, seconds: 0 } };
          const whole = {
            ...expected,
            management: 'connected',
            problems: [],
            sessions_cut: mode === 'folder' ? REVOCATIONS + 1 : REVOCATIONS,
          };
          return JSON.stringify(state) === JSON.stringify(whole);
        }),
      );
    }, 'the report');
  });

  it.each(MODES)('attends a server that was restarted (%s)', async (mode) => {
    const site = siteOf(mode);
    await site.server.restart();
    const name = 'after-restart';
    const profile = await computerProfile(`${name}-${mode}`);
    const client = connect(mode, name, profile);
    await client.waitFor(CONNECTED);
    expect(await timeToCut(site.server, `${name}-${mode}`, profile)).toBeLessThan(5_000);
    await client.stop();
  });

  it('knows after its own restart which certificate a session has', async () => {
    const site = siteOf('folder');
    const [one, other] = [await computerProfile('one'), await computerProfile('other')];
    const clients = [connect('folder', 'one', one), connect('folder', 'other', other)];
    await Promise.all(clients.map((client) => client.waitFor(CONNECTED)));
    await until(
      () => readFileSync(join(site.server.folder, 'agent/state/sessions.json'), 'utf8').includes('other'),
      'it',
    );
    expect(await site.agent.stop()).toEqual({ code: 0, signal: null });
    await revoke(one);
    site.agent = startAgent(site.configuration);
    await until(() => hasEnded(site.server, 'one'), 'the cut');
    await delay(1_000);
    expect(hasEnded(site.server, 'other')).toBe(false);
    await Promise.all(clients.map((client) => client.stop()));
  });

  it('takes little memory', () => {
    for (const { agent } of sites.values()) expect(residentBytes(agent.pid)).toBeLessThan(150e6);
  });

  describe('when there is no manager any more', () => {
    const before = new Map<CrlMode, string>();
    const applied = ({ server, mode }: Site) =>
      mode === 'folder' ? readdirSync(server.crlFolder).sort().join() : readFileSync(server.crlFile, 'utf8');

    beforeAll(async () => {
      for (const mode of MODES) before.set(mode, applied(siteOf(mode)));
      await product.interrupt();
    });

    it.each(MODES)('goes on with what it has, and says so (%s)', async (mode) => {
      const site = siteOf(mode);
      await site.agent.waitFor('"problem":"manager_unreachable"', 40_000);
      await site.agent.waitFor('"problem":"feed_stale"', 40_000);
      expect(site.agent.isRunning).toBe(true);
      await expectRefused(site, valueOf(revoked, mode));
      await expectLetIn(mode, valueOf(good, mode));
    });

    it.each(MODES)('starts with what it has, beside a server that starts anew (%s)', async (mode) => {
      const site = siteOf(mode);
      await site.agent.stop();
      await site.server.restart();
      site.agent = startAgent(site.configuration);
      await site.agent.waitFor('"problem":"manager_unreachable"');
      await expectRefused(site, valueOf(revoked, mode));
      await expectLetIn(mode, valueOf(good, mode));
      expect(applied(site)).toBe(before.get(mode));
    });

    it('leaves files that everybody may read', () => {
      const { server } = siteOf('folder');
      const modes = readdirSync(server.crlFolder).map((name) => statSync(join(server.crlFolder, name)).mode & 0o777);
      expect(new Set(modes)).toEqual(new Set([0o644]));
      expect(statSync(siteOf('file').server.crlFile).mode & 0o777).toBe(0o644);
    });
  });
});
