import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  generateTlsCryptV2ClientKey,
  generateTlsCryptV2ServerKey,
  parseTlsCryptV2ServerKey,
  printTlsCryptV2ClientKey,
} from '@libs/openvpn';
import { ApiSession, objectOf } from '../support/api-session';
import type { LoggedProcess } from '../support/logged-process';
import { ProfileFile } from '../support/profile-file';
import { createPsk, fetchWithPsk } from '../support/requests';
import { Secrets } from '../support/secrets';
import { BrowserSession } from './support/browser-session';
import { residentBytes } from './support/process-tree';
import { RunningProduct, temporaryFolder } from './support/running-product';
import { VpnLab } from './support/vpn-lab';

/** Of the network inside the tunnel, as the sample templates have it. */
const SERVER_IN_TUNNEL = '10.8.0.1';
const CONNECTED = 'Initialization Sequence Completed';

/** One run of the product, one OpenVPN server; the tests tell a story in order. */
describe('a person, an administrator and a real OpenVPN', () => {
  const secrets = new Secrets();
  const cleanups: (() => Promise<unknown>)[] = [];
  let product: RunningProduct;
  let lab: VpnLab;
  let folder: string;
  let serverFolder: string;
  let server: LoggedProcess;
  let secondServer: LoggedProcess | undefined;
  let admin: ApiSession;
  let psk: string;
  let usersProfile: ProfileFile;
  let auditorsProfile: ProfileFile;

  beforeAll(async () => {
    folder = temporaryFolder();
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    serverFolder = join(folder, 'server');
    mkdirSync(serverFolder);
    lab = VpnLab.create();
    cleanups.push(() => lab.close());
    product = await RunningProduct.start({
      variables: { OPENVPN_REMOTE_HOST: lab.addressOf('server'), OPENVPN_REMOTE_PORT: '1194' },
    });
    cleanups.push(() => product.stop());
  });

  afterAll(async () => {
    // Each also when the other one fails.
    const ended = await Promise.allSettled(cleanups.map((cleanup) => cleanup()));
    expect(ended.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  /** Signs in at the identity provider, and downloads a profile with an option. */
  async function downloadInBrowser(username: string, option?: string): Promise<ProfileFile> {
    const browser = await BrowserSession.start();
    try {
      const { page } = browser;
      await page.goto(product.frontendUrl);
      await page
        .getByRole('link', { name: /sign in/i })
        .first()
        .click();
      await page.getByLabel('User name').fill(username);
      await page.getByLabel('Password').fill(username);
      await page.getByRole('button', { name: 'Sign in' }).click();
      if (option !== undefined) await page.getByRole('checkbox', { name: option }).check();
      const { fileName, text } = await browser.download(() =>
        page.getByRole('button', { name: 'Download profile' }).click(),
      );
      expect(fileName).toMatch(/^[\w.-]+\.ovpn$/);
      await page.reload();
      await page.getByRole('cell', { name: 'Valid', exact: true }).first().waitFor();
      expect(browser.errors).toEqual([]);
      return new ProfileFile(text);
    } finally {
      await browser.close();
    }
  }

  function connect(name: string, profile: ProfileFile, extra: readonly string[] = []): LoggedProcess {
    const file = join(folder, `${name}.ovpn`);
    writeFileSync(file, profile.text, { mode: 0o600 });
    return lab.openvpn('client', name, folder, ['--config', file, ...extra]);
  }

  async function fetchCrl(): Promise<void> {
    const response = await fetch(`${product.frontendUrl}/crl.pem`);
    expect(response.status).toBe(200);
    const temporary = join(serverFolder, '.crl.pem');
    writeFileSync(temporary, await response.text());
    chmodSync(temporary, 0o644);
    renameSync(temporary, join(serverFolder, 'crl.pem'));
  }

  it('the person signs in, chooses an option and downloads a profile', async () => {
    usersProfile = await downloadInBrowser('user', 'Look up internal names');
    expect(usersProfile.withoutBlocks()).toMatch(/^dhcp-option DOMAIN corp\.example\.org$/m);
    expect(usersProfile.withoutBlocks()).toContain(`remote ${lab.addressOf('server')} 1194`);
    expect(usersProfile.withoutBlocks()).toContain('<tls-crypt-v2>');
    secrets.addPrivateKey("the person's key", usersProfile.block('key'));
    secrets.addKeyFile("the person's tls-crypt-v2 key", usersProfile.block('tls-crypt-v2'));
  });

  it('somebody else does, too', async () => {
    auditorsProfile = await downloadInBrowser('auditor');
    expect(auditorsProfile.fingerprint).not.toBe(usersProfile.fingerprint);
    expect(auditorsProfile.block('tls-crypt-v2')).not.toBe(usersProfile.block('tls-crypt-v2'));
  });

  it('an administrator creates a PSK, with which a server fetches its bundle', async () => {
    admin = await ApiSession.signIn(product.frontendUrl, 'admin');
    psk = await createPsk(admin, { kind: 'server', common_name: 'vpn.localhost' });
    secrets.add('PSK', psk);
    const response = await fetchWithPsk(product.frontendUrl, 'server', psk);
    writeFileSync(join(folder, 'bundle.tar.gz'), Buffer.from(await response.arrayBuffer()));
    execFileSync('tar', ['-xzf', join(folder, 'bundle.tar.gz'), '-C', serverFolder]);
    const modeOf = (name: string) => statSync(join(serverFolder, name)).mode & 0o777;
    expect({ key: modeOf('server.key'), crl: modeOf('crl.pem') }).toEqual({ key: 0o600, crl: 0o644 });
    secrets.addPrivateKey("the server's key", readFileSync(join(serverFolder, 'server.key'), 'utf8'));
  });

  it('a real OpenVPN server starts from the bundle as it comes, with tls-crypt-v2, and warns of nothing', async () => {
    expect(readFileSync(join(serverFolder, 'Default.0001.ovpn'), 'utf8')).toMatch(/^tls-crypt-v2 .* force-cookie$/m);
    server = lab.openvpn('server', 'server', serverFolder, ['--config', 'Default.0001.ovpn']);
    await server.waitFor(CONNECTED);
    expect(complaints(server)).toEqual([]);
  });

  it('the person connects with the profile as it was downloaded, and reaches the other end of the tunnel', async () => {
    const client = connect('user', usersProfile);
    await client.waitFor(CONNECTED);
    expect(lab.ping('client', SERVER_IN_TUNNEL)).toBe(true);
    expect(complaints(client)).toEqual([]);
    await client.stop();
    expect(lab.ping('client', SERVER_IN_TUNNEL)).toBe(false);
    expect(complaints(server)).toEqual([]);
  });

  it('whoever has no tls-crypt-v2 key of this server gets no answer at all', async () => {
    const foreign = generateTlsCryptV2ClientKey(generateTlsCryptV2ServerKey(), { type: 'user', data: Buffer.of() });
    const stranger = connect('stranger', usersProfile.replaceBlock('tls-crypt-v2', printTlsCryptV2ClientKey(foreign)));
    await server.waitFor('can not extract tls-crypt-v2 client key');
    expect(stranger.output()).not.toContain('TLS: Initial packet from');
    await stranger.stop();
    // The same made with the right key is let in, so that it was the key and nothing else.
    const serverKey = parseTlsCryptV2ServerKey(readFileSync(join(serverFolder, 'tls-crypt-v2.key'), 'utf8'));
    const own = generateTlsCryptV2ClientKey(serverKey, { type: 'user', data: Buffer.of() });
    const guest = connect('guest', usersProfile.replaceBlock('tls-crypt-v2', printTlsCryptV2ClientKey(own)));
    await guest.waitFor(CONNECTED);
    await guest.stop();
  });

  it('once the certificate is revoked and the new CRL fetched, the next connection is refused', async () => {
    const path = `/api/v1/admin/certificates/${usersProfile.fingerprint}/revocation`;
    const revoked = objectOf(await admin.post(path, { reason: 'key_compromise', comment: 'a lost laptop' }));
    expect(revoked).toMatchObject({ newly_revoked: true, crl: 'published' });
    await fetchCrl();
    const client = connect('revoked', usersProfile);
    await server.waitFor('certificate revoked');
    expect(client.output()).not.toContain(CONNECTED);
    expect(lab.ping('client', SERVER_IN_TUNNEL)).toBe(false);
    await client.stop();
    expect(client.output()).not.toContain(CONNECTED);
  });

  it('somebody else still connects', async () => {
    const client = connect('auditor', auditorsProfile);
    await client.waitFor(CONNECTED);
    expect(lab.ping('client', SERVER_IN_TUNNEL)).toBe(true);
    expect(complaints(client)).toEqual([]);
    await client.stop();
    expect(complaints(server)).toEqual([]);
  });

  it('over TCP the same holds, and the revoked one sees the refusal at once', async () => {
    await server.stop();
    await fetchCrl();
    secondServer = lab.openvpn('server', 'server over TCP', serverFolder, ['--config', 'Default.0002.ovpn']);
    await secondServer.waitFor(CONNECTED);
    const overTcp = await downloadInBrowser('auditor', 'Use TCP');
    const client = connect('tcp', overTcp);
    await client.waitFor(CONNECTED);
    await client.stop();
    expect(complaints(client)).toEqual([]);
    const revoked = new ProfileFile(
      usersProfile.text.replace('proto udp', 'proto tcp').replace('explicit-exit-notify 1\n', ''),
    );
    const refused = connect('revoked over TCP', revoked);
    await refused.waitFor('Connection reset');
    await secondServer.waitFor('certificate revoked');
    await refused.stop();
    expect(complaints(secondServer)).toEqual([]);
  });

  it('each service has taken less than 200 MB of memory', () => {
    const services = product.processes().filter(({ command }) => command.includes('/apps/'));
    expect(services).toHaveLength(3);
    for (const { pid } of services) expect(residentBytes(pid)).toBeLessThan(200e6);
  });

  it('of all this no secret is in what the product logged', () => {
    const logs = product.logs();
    expect(logs).toContain('request served');
    expect(secrets.foundIn(logs)).toEqual([]);
  });
});

function complaints(openvpn: LoggedProcess): string[] {
  return openvpn
    .output()
    .split('\n')
    .filter((line) => /WARN|DEPRECATED|Options error/i.test(line));
}
