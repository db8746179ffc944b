import { DEVELOPMENT_CLIENT } from '@libs/development';
import { TestBrowser, testDatabases, type TestDatabaseKind } from '@libs/testing';
import { generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { freePort, startFrontend, type TestFrontend } from './support/frontend';
import { ScriptedProvider } from './support/scripted-provider';

const [sqlite] = testDatabases() as [TestDatabaseKind, ...TestDatabaseKind[]];

/** A provider that does whatever the test says: what a hostile or broken one would send. */
describe('login at a provider that misbehaves', () => {
  let frontend: TestFrontend;
  let provider: ScriptedProvider;
  let stranger: CryptoKey;

  beforeAll(async () => {
    provider = await ScriptedProvider.start(DEVELOPMENT_CLIENT.clientId);
    stranger = (await generateKeyPair('ES256')).privateKey;
    frontend = await startFrontend({ database: sqlite, port: await freePort(), issuer: provider.issuer });
  });

  beforeEach(() => {
    provider.reset();
  });

  afterAll(async () => {
    await frontend.close();
    await provider.close();
  });

  const login = (browser = new TestBrowser()) => browser.get(`${frontend.url}/auth/login?next=/api/v1/me`);
  const withClaims = (change: Readonly<Record<string, unknown>>) => {
    provider.idToken = (claims) => provider.sign({ ...claims, ...change });
  };
  const seconds = () => Math.floor(Date.now() / 1000);

  it.each<[string, unknown, string[]]>([
    ['a list', ['vpn-users', 'vpn-auditors'], ['user', 'auditor']],
    [
      'a comma string',
      'vpn-users, vpn-admins',
      ['user', 'auditor', 'certificate_administrator', 'system_administrator', 'service_administrator'],
    ],
    ['one string', 'vpn-auditors', ['user', 'auditor']],
    ['null', null, ['user']],
    ['another case, which is another group', ['VPN-Admins'], ['user']],
    ['nonsense', { admin: true }, ['user']],
  ])('reads groups that are %s', async (_, groups, roles) => {
    withClaims({ groups });
    const page = await login();
    expect(JSON.parse(page.body)).toMatchObject({ name: 'Alice', roles });
  });

  it('asks userinfo for groups that the ID token lacks', async () => {
    withClaims({ groups: undefined });
    provider.userinfo = { sub: 'alice', groups: ['vpn-auditors'] };
    expect(JSON.parse((await login()).body)).toMatchObject({ roles: ['user', 'auditor'] });
  });

  it('refuses userinfo about somebody else', async () => {
    withClaims({ groups: undefined });
    provider.userinfo = { sub: 'mallory', groups: ['vpn-admins'] };
    expect(await login()).toMatchObject({ status: 403 });
  });

  it('accepts an audience list that names us as the authorized party', async () => {
    withClaims({ aud: ['other', DEVELOPMENT_CLIENT.clientId], azp: DEVELOPMENT_CLIENT.clientId });
    expect(await login()).toMatchObject({ status: 200 });
  });

  it.each<[string, (claims: JWTPayload) => Promise<string> | string]>([
    ['without signature', (claims) => new UnsecuredJWT(claims).encode()],
    ['signed by a stranger', (claims) => provider.sign(claims, stranger)],
    ['signed with the client secret', (claims) => hmac(claims)],
    ['for another client', (claims) => provider.sign({ ...claims, aud: 'other' })],
    [
      'for several clients, ours not the authorized one',
      (claims) => provider.sign({ ...claims, aud: ['other', DEVELOPMENT_CLIENT.clientId] }),
    ],
    ['by another issuer', (claims) => provider.sign({ ...claims, iss: 'https://evil.example' })],
    ['of another login', (claims) => provider.sign({ ...claims, nonce: 'another' })],
    ['that is no token', () => 'not.a.token'],
  ])('refuses an ID token %s', async (_, idToken) => {
    provider.idToken = idToken;
    const browser = new TestBrowser();
    const page = await login(browser);
    expect(page.status).toBe(403);
    expect(page.body).toContain('could not be trusted');
    expect(browser.cookies('localhost')).not.toHaveProperty('session');
  });

  it.each<[string, object]>([
    ['has expired when it arrives', { exp: seconds() - 120 }],
    ['is from the future', { iat: seconds() + 600 }],
  ])('speaks of the clocks when the ID token %s', async (_, change) => {
    provider.idToken = (claims) => provider.sign({ ...claims, ...change });
    const browser = new TestBrowser();
    const page = await login(browser);
    expect(page.status).toBe(502);
    expect(page.body).toContain('clocks of this service and of the identity provider differ');
    expect(browser.cookies('localhost')).not.toHaveProperty('session');
  });

  it('takes a clock that differs by less than half a minute', async () => {
    for (const skew of [-25, 25]) {
      withClaims({ iat: seconds() + skew, exp: seconds() + skew + 60 });
      expect(await login()).toMatchObject({ status: 200 });
    }
  });

  it('notices nothing of a change of the provider’s keys, right after a login or not', async () => {
    expect(await login()).toMatchObject({ status: 200 });
    await provider.rotateKey();
    const logins = await Promise.all(Array.from({ length: 10 }, () => login()));
    expect(logins.map(({ status }) => status)).toEqual(logins.map(() => 200));
  });

  it('fetches the keys for tokens with unknown ones no more often than every three seconds', async () => {
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    provider.idToken = (claims) => provider.sign(claims, stranger, 'unknown');
    const before = provider.keyFetches;
    for (let attempt = 0; attempt < 5; attempt += 1) expect(await login()).toMatchObject({ status: 403 });
    expect(provider.keyFetches - before).toBe(1);
  });

  it.each([
    ['the token endpoint answers 500', 500, 503],
    ['the token endpoint refuses the client', 401, 502],
  ])('says so when %s', async (_, tokenStatus, status) => {
    provider.tokenStatus = tokenStatus;
    expect(await login()).toMatchObject({ status });
  });

  async function hmac(claims: JWTPayload): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(DEVELOPMENT_CLIENT.clientSecret));
  }
});

describe('login when the provider cannot be used', () => {
  it('shows a page with 503 when it is down, and recovers by itself', async () => {
    const provider = await ScriptedProvider.start(DEVELOPMENT_CLIENT.clientId);
    await provider.close();
    const frontend = await startFrontend({ database: sqlite, port: await freePort(), issuer: provider.issuer });
    try {
      const page = await new TestBrowser().get(`${frontend.url}/auth/login`);
      expect(page.status).toBe(503);
      expect(page.headers.get('retry-after')).toBe('30');
      expect(page.body).toContain('identity provider cannot be reached');
      await provider.reopen();
      expect(await new TestBrowser().get(`${frontend.url}/auth/login?next=/api/v1/me`)).toMatchObject({ status: 200 });
    } finally {
      await frontend.close();
      await provider.close();
    }
  });

  it('refuses a discovery document of another issuer', async () => {
    const provider = await ScriptedProvider.start(DEVELOPMENT_CLIENT.clientId);
    const frontend = await startFrontend({ database: sqlite, port: await freePort(), issuer: `${provider.issuer}/` });
    try {
      expect(await new TestBrowser().get(`${frontend.url}/auth/login`)).toMatchObject({ status: 502 });
    } finally {
      await frontend.close();
      await provider.close();
    }
  });
});

describe('login at a public address with https', () => {
  it('keeps its cookies to https and to this very host', async () => {
    const provider = await ScriptedProvider.start(DEVELOPMENT_CLIENT.clientId);
    const variables = { FRONTEND_PUBLIC_URL: 'https://vpn.example' };
    const port = await freePort();
    const frontend = await startFrontend({ database: sqlite, port, issuer: provider.issuer, variables });
    try {
      const browser = new TestBrowser();
      const authorized = await browser.get(`${frontend.url}/auth/login?moved=1`, ({ hostname }) => {
        return hostname === 'vpn.example';
      });
      const { pathname, search } = new URL(authorized.headers.get('location') ?? '');
      expect(Object.keys(browser.cookies('localhost'))).toEqual([expect.stringMatching(/^__Host-login-/)]);
      const answer = await browser.send(`${frontend.url}${pathname}${search}`, {});
      const session = answer.headers.getSetCookie().find((line) => line.startsWith('__Host-session='));
      expect(session).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
      expect(answer.headers.get('strict-transport-security')).toContain('max-age=');
      expect(await browser.get(`${frontend.url}/api/v1/me`)).toMatchObject({ status: 200 });
    } finally {
      await frontend.close();
      await provider.close();
    }
  });
});
