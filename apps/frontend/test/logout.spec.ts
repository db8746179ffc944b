import { DEVELOPMENT_CLIENT } from '@libs/development';
import { TestBrowser, testDatabases } from '@libs/testing';
import { randomUUID } from 'node:crypto';
import { ProviderLogout } from '../src/sessions/provider-logout.entity';
import { StoredSession } from '../src/sessions/session.entity';
import { User } from '../src/users/user.entity';
import { barrier } from './support/barrier';
import { freePort, startFrontend, type TestFrontend } from './support/frontend';
import { ScriptedProvider } from './support/scripted-provider';
import { addPerson, addSession } from './support/signed-in';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

describe.each(testDatabases())('signing out with the identity provider on $name', (database) => {
  let frontend: TestFrontend;
  let provider: ScriptedProvider;

  beforeAll(async () => {
    provider = await ScriptedProvider.start(DEVELOPMENT_CLIENT.clientId);
    provider.endSessionEndpoint = 'https://idp.example.org/logout?tenant=1';
    frontend = await startFrontend({ database, port: await freePort(), issuer: provider.issuer });
  });

  beforeEach(() => {
    provider.reset();
    frontend.clock.set(new Date());
  });

  afterAll(async () => {
    await frontend.close();
    await provider.close();
  });

  const meStatus = async (browser: TestBrowser) => (await browser.get(`${frontend.url}/api/v1/me`)).status;
  const seconds = () => Math.floor(Date.now() / 1000);

  async function signedIn(sid?: string): Promise<TestBrowser> {
    provider.sid = sid;
    const browser = new TestBrowser();
    const page = await browser.get(`${frontend.url}/auth/login?next=/api/v1/me`);
    expect(page.status).toBe(200);
    return browser;
  }

  async function signOut(browser: TestBrowser) {
    const { csrf_token } = JSON.parse((await browser.get(`${frontend.url}/api/v1/me`)).body) as { csrf_token: string };
    const body = new URLSearchParams({ _csrf: csrf_token });
    return browser.send(`${frontend.url}/auth/logout`, { method: 'POST', body });
  }

  async function logoutToken(change: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const iat = seconds();
    const standard = { iss: provider.issuer, aud: DEVELOPMENT_CLIENT.clientId, iat, exp: iat + 120, jti: randomUUID() };
    return provider.sign({ ...standard, events: { [EVENT]: {} }, ...change });
  }

  async function notify(token: string) {
    const body = new URLSearchParams({ logout_token: token, something: 'else' });
    const response = await fetch(`${frontend.url}/auth/backchannel-logout`, { method: 'POST', body });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      code: text === '' ? '' : (JSON.parse(text).code as string),
    };
  }

  describe('by the person', () => {
    it('ends the session here and leads to the provider, with the ID token as hint', async () => {
      const browser = await signedIn();
      const answer = await signOut(browser);
      expect(answer.status).toBe(303);
      const target = new URL(answer.headers.get('location') ?? '');
      expect(`${target.origin}${target.pathname}`).toBe('https://idp.example.org/logout');
      const { id_token_hint: hint = '', ...parameters } = Object.fromEntries(target.searchParams);
      expect(parameters).toEqual({
        tenant: '1',
        client_id: DEVELOPMENT_CLIENT.clientId,
        post_logout_redirect_uri: `${frontend.url}/`,
      });
      expect(JSON.parse(Buffer.from(hint.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({ sub: 'alice' });
      expect(await meStatus(browser)).toBe(401);
    });

    it('keeps the ID token in the browser alone, encrypted and for one route', async () => {
      const browser = new TestBrowser();
      const isHome = (target: URL) => target.pathname === '/';
      const answer = await browser.get(`${frontend.url}/auth/login`, isHome);
      const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('id-token-hint=')) ?? '';
      expect(cookie).toMatch(/; Path=\/auth\/logout; HttpOnly; SameSite=Strict$/);
      expect(cookie).not.toContain('eyJ');
      expect(JSON.stringify(await frontend.dataSource.getRepository(StoredSession).find())).not.toContain('eyJ');
    });

    it('does without the hint when the ID token is too long for a cookie', async () => {
      provider.idToken = (claims) => provider.sign({ ...claims, padding: 'x'.repeat(4_000) });
      const browser = await signedIn();
      const target = new URL((await signOut(browser)).headers.get('location') ?? '');
      expect(target.searchParams.has('id_token_hint')).toBe(false);
      expect(target.searchParams.get('client_id')).toBe(DEVELOPMENT_CLIENT.clientId);
    });

    it('lets the browser follow from the form to the provider, and to nobody else', async () => {
      const page = await (await signedIn()).get(`${frontend.url}/`);
      expect(page.headers.get('content-security-policy')).toMatch(
        /form-action 'self' https:\/\/idp\.example\.org(;|$)/,
      );
    });

    it('leads to the start page when nobody was signed in', async () => {
      const answer = await new TestBrowser().send(`${frontend.url}/auth/logout`, { method: 'POST' });
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toBe('/');
    });
  });

  describe('by a notice of the provider', () => {
    it('ends the sessions that began in the provider’s session', async () => {
      const [one, same, other] = [await signedIn('s1'), await signedIn('s1'), await signedIn('s2')];
      const answer = await notify(await logoutToken({ sid: 's1' }));
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect([await meStatus(one), await meStatus(same), await meStatus(other)]).toEqual([401, 401, 200]);
    });

    it('ends every session of the subject when it names no session', async () => {
      const browsers = [await signedIn('s3'), await signedIn()];
      const stranger = await addSession(frontend.dataSource, await addPerson(frontend.dataSource, []));
      expect(await notify(await logoutToken({ sub: 'alice', iat: seconds() - 1 }))).toMatchObject({ status: 200 });
      for (const browser of browsers) expect(await meStatus(browser)).toBe(401);
      const rows = frontend.dataSource.getRepository(StoredSession);
      expect(await rows.findOneByOrFail({ idHash: stranger.sessionId })).toMatchObject({ destroyedAt: null });
    });

    it('ends sessions without name when the provider names them only now', async () => {
      const [unnamed, named] = [await signedIn(), await signedIn('s4')];
      await notify(await logoutToken({ sub: 'alice', sid: 's5' }));
      expect([await meStatus(unnamed), await meStatus(named)]).toEqual([401, 200]);
    });

    it('ends nothing of a subject whom it does not fit', async () => {
      const browser = await signedIn('s6');
      expect(await notify(await logoutToken({ sub: 'mallory', sid: 's6' }))).toMatchObject({ status: 200 });
      expect(await notify(await logoutToken({ sub: 'mallory' }))).toMatchObject({ status: 200 });
      expect(await meStatus(browser)).toBe(200);
    });

    it('takes away at once what a removed group gave', async () => {
      provider.idToken = (claims) => provider.sign({ ...claims, groups: ['vpn-admins'] });
      const browser = await signedIn('s7');
      expect((await browser.get(`${frontend.url}/api/v1/admin/psks`)).status).toBe(200);
      provider.reset();
      await notify(await logoutToken({ sid: 's7' }));
      expect((await browser.get(`${frontend.url}/api/v1/admin/psks`)).status).toBe(401);
      const again = await signedIn('s8');
      expect((await again.get(`${frontend.url}/api/v1/admin/psks`)).status).toBe(403);
    });

    it('is good for one use', async () => {
      const token = await logoutToken({ sid: 's9' });
      expect(await notify(token)).toMatchObject({ status: 200 });
      const browser = await signedIn('s10');
      expect(await notify(token)).toMatchObject({ status: 400, code: 'logout_token_invalid' });
      expect(await meStatus(browser)).toBe(200);
    });

    it('is good for one of fifty uses at once', async () => {
      const token = await logoutToken({ sid: 's11' });
      const answers = await Promise.all(Array.from({ length: 50 }, () => notify(token)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 400)).toHaveLength(49);
    });

    it('reaches a login that is under way', async () => {
      provider.sid = 's12';
      const [arrived, notified] = [barrier(2), barrier(2)];
      provider.idToken = async (claims) => {
        await arrived();
        await notified();
        return provider.sign(claims);
      };
      const browser = new TestBrowser();
      const login = browser.get(`${frontend.url}/auth/login?next=/api/v1/me`);
      await arrived();
      await notify(await logoutToken({ sid: 's12' }));
      await notified();
      const page = await login;
      expect(page.status).toBe(403);
      expect(page.body).toContain('signed out at the identity provider meanwhile');
      expect(await meStatus(browser)).toBe(401);
    });

    it('keeps hashes of what it names', async () => {
      await notify(await logoutToken({ sid: 'a-session-of-the-provider', jti: 'a-token-of-the-provider' }));
      const rows = JSON.stringify(await frontend.dataSource.getRepository(ProviderLogout).find());
      expect(rows).not.toContain('of-the-provider');
    });

    it.each<[string, () => Promise<string> | string]>([
      ['an ID token', () => logoutToken({ events: undefined, nonce: 'n', sub: 'alice' })],
      ['a token for another client', () => logoutToken({ aud: 'other', sub: 'alice' })],
      ['a token of an hour ago', () => logoutToken({ iat: seconds() - 3_600, sub: 'alice' })],
      ['no token', () => ''],
      ['nonsense', () => 'x'.repeat(10_000)],
    ])('is not %s', async (_, make) => {
      const browser = await signedIn();
      const answer = await notify(await make());
      expect(answer).toMatchObject({ status: 400, code: 'logout_token_invalid' });
      expect(await meStatus(browser)).toBe(200);
    });

    it('comes by POST alone', async () => {
      const token = await logoutToken({ sub: 'alice' });
      const browser = await signedIn();
      const response = await fetch(`${frontend.url}/auth/backchannel-logout?logout_token=${token}`);
      expect(response.status).toBe(404);
      expect(await meStatus(browser)).toBe(200);
    });
  });

  describe('and the rights of a person', () => {
    it('end the sessions that were begun with others', async () => {
      const earlier = await signedIn();
      const same = await signedIn();
      expect(await meStatus(earlier)).toBe(200);
      provider.idToken = (claims) => provider.sign({ ...claims, groups: ['vpn-users', 'vpn-auditors'] });
      const later = await signedIn();
      expect([await meStatus(earlier), await meStatus(same), await meStatus(later)]).toEqual([401, 401, 200]);
      provider.reset();
      await signedIn();
      expect(await meStatus(later)).toBe(401);
    });

    it('let nobody in whom an administrator keeps out, and say so', async () => {
      const users = frontend.dataSource.getRepository(User);
      await signedIn();
      await users.update({ subject: 'alice' }, { disabledAt: new Date() });
      const browser = new TestBrowser();
      const page = await browser.get(`${frontend.url}/auth/login`);
      expect(page.status).toBe(403);
      expect(page.body).toContain('Your account is disabled here');
      expect(browser.cookies('localhost')).not.toHaveProperty('session');
      await users.update({ subject: 'alice' }, { disabledAt: null });
      await signedIn();
    });
  });
});

describe.each(testDatabases().slice(0, 1))('signing out without the identity provider', (database) => {
  it.each<[string, string | undefined, Readonly<Record<string, string>>]>([
    ['has no place for it', undefined, {}],
    ['is not to be asked', 'https://idp.example.org/logout', { OIDC_LOGOUT: 'local' }],
  ])('ends the session here when the provider %s', async (_, endpoint, variables) => {
    const provider = await ScriptedProvider.start(DEVELOPMENT_CLIENT.clientId);
    provider.endSessionEndpoint = endpoint;
    const port = await freePort();
    const frontend = await startFrontend({ database, port, issuer: provider.issuer, variables });
    try {
      const browser = new TestBrowser();
      const me = await browser.get(`${frontend.url}/auth/login?next=/api/v1/me`);
      const { csrf_token: _csrf } = JSON.parse(me.body) as { csrf_token: string };
      const body = new URLSearchParams({ _csrf });
      const answer = await browser.send(`${frontend.url}/auth/logout`, { method: 'POST', body });
      expect(answer.headers.get('location')).toBe('/');
      expect((await browser.get(`${frontend.url}/api/v1/me`)).status).toBe(401);
      const page = await browser.get(`${frontend.url}/`);
      expect(page.headers.get('content-security-policy')).toMatch(/form-action 'self'(;|$)/);
    } finally {
      await frontend.close();
      await provider.close();
    }
  });
});
