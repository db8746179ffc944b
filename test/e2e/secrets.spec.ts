import { DEVELOPMENT_ACCOUNTS } from '@libs/development';
import { TestBrowser } from '@libs/testing';
import { ApiSession } from '../support/api-session';
import { dumpPostgres, dumpSqlite } from '../support/database-dump';
import { ProfileFile } from '../support/profile-file';
import { createPsk, fetchWithPsk, mintLink, profileOf } from '../support/requests';
import { Secrets } from '../support/secrets';
import { readTarGz } from '../support/tar-gz';
import { CapturedOutput } from './support/captured-output';
import { TestProduct } from './support/test-product';

/** Every use of the product that a secret passes through, failures included, and then a look at all that is kept. */
describe('after everything that can be done with the product', () => {
  const secrets = new Secrets();
  let product: TestProduct;
  let output: CapturedOutput;

  beforeAll(async () => {
    output = new CapturedOutput();
    product = await TestProduct.start();
    addConfiguredSecrets();
    const user = await signInObserved('user');
    const admin = await signInObserved('admin');
    await useProfiles(user);
    await usePsks(admin);
    await useLinks(user, admin);
    await failInEveryWay(user, admin);
    await failWithoutTheLog(user, admin);
    await signOut(user);
  });

  afterAll(async () => {
    await product.close();
    output.restore();
  });

  it('many secrets were seen', () => {
    expect(secrets.count).toBeGreaterThan(30);
  });

  it('none of them is in the logs', () => {
    const logs = output.text();
    expect(logs).toContain('request served');
    expect(logs).toContain('signed in');
    expect(secrets.foundIn(logs)).toEqual([]);
  });

  it("none of them is in the frontend's database", () => {
    const dump = dumpSqlite(product.data.path('frontend.sqlite'));
    expect(dump).toContain('user@example.org');
    expect(secrets.foundIn(dump)).toEqual([]);
  });

  it("none of them is in the log's database", async () => {
    const dump = await dumpPostgres(product.logSuperuserUrl);
    expect(dump).toContain('user@example.org');
    expect(dump).toContain('vpn.localhost');
    expect(secrets.foundIn(dump)).toEqual([]);
  });

  function addConfiguredSecrets(): void {
    const { frontendConfig, signingConfig, logConfig } = product;
    secrets.add('client secret', frontendConfig.oidc.clientSecret);
    secrets.add('session secret', frontendConfig.session.secrets[0] ?? '');
    secrets.add('key of the frontend for signing', frontendConfig.signing.key);
    secrets.add('key of the frontend for the log', frontendConfig.log.key);
    secrets.add('key of signing for the log', signingConfig.log.key);
    secrets.add('passphrase', signingConfig.keyPassphrases[0]);
    secrets.add('checkpoint key', logConfig.checkpointKeys.current.split('+').slice(4).join('+'));
    secrets.add('password of the writer', new URL(logConfig.databaseUrl).password);
    secrets.add('password of the migrator', new URL(logConfig.migratorDatabaseUrl).password);
    secrets.addKeyFile('tls-crypt-v2 server key', frontendConfig.openvpn.tlsCryptV2ServerKey);
  }

  /** Sign in step by step, keeping what goes over the wire. */
  async function signInObserved(username: string): Promise<ApiSession> {
    const account = DEVELOPMENT_ACCOUNTS.find((candidate) => candidate.username === username);
    const browser = new TestBrowser();
    const form = await browser.get(`${product.frontendUrl}/auth/login`);
    addCookies(`${username}, before the login`, browser);
    const fields = { username, password: account?.password ?? '', action: 'login' };
    const redirect = await browser.post(form.url, fields, (target) => target.pathname === '/auth/callback');
    const callback = new URL(redirect.headers.get('location') ?? '');
    secrets.add(`authorization code of ${username}`, callback.searchParams.get('code') ?? '');
    secrets.add(`state of ${username}`, callback.searchParams.get('state') ?? '');
    // Once as it is, once again: the second time is an error that must not be told in full.
    await browser.get(callback.href);
    addCookies(`${username}, after the login`, browser);
    await new TestBrowser().get(callback.href);
    const session = await ApiSession.signIn(product.frontendUrl, username);
    addCookies(`${username}, second session`, session.browser);
    return session;
  }

  function addCookies(when: string, browser: TestBrowser): void {
    for (const [name, value] of Object.entries(browser.cookies('localhost'))) {
      if (value.length < 20) continue;
      secrets.add(`cookie ${name}: ${when}`, value);
      const decoded = decodeURIComponent(value);
      const id = /^s:([^.]+)\./.exec(decoded)?.[1];
      if (id !== undefined) secrets.add(`session id: ${when}`, id);
    }
  }

  function addProfile(name: string, profile: ProfileFile): void {
    secrets.addPrivateKey(`private key: ${name}`, profile.block('key'));
    secrets.addKeyFile(`tls-crypt-v2 client key: ${name}`, profile.block('tls-crypt-v2'));
  }

  async function useProfiles(user: ApiSession): Promise<void> {
    const profile = await profileOf(user, ['full-tunnel']);
    addProfile('profile', profile);
  }

  async function usePsks(admin: ApiSession): Promise<void> {
    const server = await createPsk(admin, { kind: 'server', common_name: 'vpn.localhost' });
    secrets.add('server PSK', server);
    const bundle = await readTarGz(await bytesOf(await fetchWithPsk(product.frontendUrl, 'server', server)));
    secrets.addPrivateKey('private key: server', bundle.get('server.key')?.text ?? '');
    const computer = await createPsk(admin, { kind: 'computer', common_name: 'printer', use_limit: 1 });
    secrets.add('computer PSK', computer);
    const profile = new ProfileFile(await (await fetchWithPsk(product.frontendUrl, 'computer', computer)).text());
    addProfile('computer', profile);
    const path = `/api/v1/admin/certificates/${profile.fingerprint}/revocation`;
    await admin.post(path, { reason: 'key_compromise', comment: 'the printer was sold' });
    await refused(fetch(`${product.frontendUrl}/api/v1/computer/bundle`, bearer(computer)), 401);
    await refused(fetch(`${product.frontendUrl}/api/v1/computer/bundle`, bearer(server)), 403);
    await refused(fetch(`${product.frontendUrl}/api/v1/server/bundle`, bearer(`${server.slice(0, -1)}!`)), 401);
  }

  async function useLinks(user: ApiSession, admin: ApiSession): Promise<void> {
    const link = await mintLink(user);
    const token = new URL(link).pathname.split('/').at(-1) ?? '';
    secrets.add('download token', token);
    await refused(admin.get(new URL(link).pathname), 403);
    const served = await fetch(link);
    secrets.add('VPN-Session-Token', served.headers.get('vpn-session-token') ?? '');
    addProfile('link', new ProfileFile(await served.text()));
    await refused(fetch(link), 410);
    await refused(fetch(`${product.frontendUrl}/download?token=${token}`), 410);
    await refused(fetch(`${product.frontendUrl}/download/${token}/more`), 404);
    await refused(fetch(`${product.frontendUrl}/downloads/${token}?token=${token}`), 404);
    await refused(fetch(`${product.frontendUrl}/download/${token}%ff`), 400);
  }

  /** Errors are where secrets escape: each request carries one, and each is refused. */
  async function failInEveryWay(user: ApiSession, admin: ApiSession): Promise<void> {
    const token = `ovdl_${'secretsecret'.repeat(4).slice(0, 43)}`;
    secrets.add('token in a bad request', token);
    const post = (body: string, headers = {}) =>
      user.browser.send(`${product.frontendUrl}/api/v1/profiles`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', 'x-csrf-token': user.csrfToken, ...headers },
      });
    await refused(post(`{"csr": "${token}`), 400);
    await refused(post(JSON.stringify({ [token]: token })), 422);
    await refused(post(JSON.stringify({ options: [token] })), 422);
    await refused(post(JSON.stringify({ options: [] }), { 'x-csrf-token': token }), 403);
    await refused(admin.post(`/api/v1/admin/certificates/${token}/revocation`, { reason: token }), 422);
    await refused(fetch(`${product.frontendUrl}/api/v1/me`, bearer(token)), 401);
    await refused(fetch(`${product.frontendUrl}/auth/callback?code=${token}&state=${token}`), 400);
    await refused(fetch(`${product.signingConfig.log.url}/api/v1/entries`, bearer(token, 'POST')), 401);
    await refused(fetch(`${product.frontendConfig.signing.url}/api/v1/certificates`, bearer(token, 'POST')), 401);
  }

  async function failWithoutTheLog(user: ApiSession, admin: ApiSession): Promise<void> {
    const psk = await createPsk(admin, { kind: 'server', common_name: 'vpn.localhost' });
    secrets.add('PSK without a log', psk);
    const link = await mintLink(user);
    secrets.add('token without a log', new URL(link).pathname.split('/').at(-1) ?? '');
    await product.log.stop();
    try {
      await refused(fetch(link), 503);
      await refused(fetch(`${product.frontendUrl}/api/v1/server/bundle`, bearer(psk)), 503);
      await refused(user.post('/api/v1/profiles', { options: [] }), 503);
    } finally {
      await product.log.start();
    }
  }

  async function signOut(user: ApiSession): Promise<void> {
    const page = await user.browser.post(`${product.frontendUrl}/auth/logout`, { _csrf: user.csrfToken });
    expect(page.status).toBe(200);
    await refused(user.get('/api/v1/me'), 401);
  }
});

async function refused(answer: Promise<{ readonly status: number }>, status: number): Promise<void> {
  expect((await answer).status).toBe(status);
}

function bearer(secret: string, method = 'GET'): RequestInit {
  return { method, headers: { authorization: `Bearer ${secret}` } };
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}
