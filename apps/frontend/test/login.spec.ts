import { DEVELOPMENT_CLIENT } from '@libs/development';
import {
  signIn,
  startTestIdentityProvider,
  TestBrowser,
  testDatabases,
  type TestIdentityProvider,
} from '@libs/testing';
import { StoredSession } from '../src/sessions/session.entity';
import { User } from '../src/users/user.entity';
import { freePort, startFrontend, type TestFrontend } from './support/frontend';

interface Me {
  readonly name: string;
  readonly roles: readonly string[];
  readonly csrf_token: string;
}

describe.each(testDatabases())('login on $name', (database) => {
  let frontend: TestFrontend;
  let provider: TestIdentityProvider;

  beforeAll(async () => {
    const port = await freePort();
    const redirectUris = [`http://localhost:${String(port)}/auth/callback`];
    provider = await startTestIdentityProvider({ ...DEVELOPMENT_CLIENT, redirectUris });
    frontend = await startFrontend({ database, port, issuer: provider.issuer });
  });

  afterAll(async () => {
    await frontend.close();
    await provider.close();
  });

  const login = (query = '') => `${frontend.url}/auth/login${query}`;
  const isCallback = (target: URL) => target.pathname === '/auth/callback';
  const me = async (browser: TestBrowser) => {
    const page = await browser.get(`${frontend.url}/api/v1/me`);
    return { status: page.status, body: JSON.parse(page.body) as Me };
  };

  /** A login up to the provider's redirect back to us, which the browser has not followed yet. */
  async function authorized(browser: TestBrowser): Promise<string> {
    const page = await signIn(browser, login(), 'user', isCallback);
    return page.headers.get('location') ?? '';
  }

  it('signs a person in with the roles that their groups give', async () => {
    const browser = new TestBrowser();
    const page = await signIn(browser, login(), 'auditor');
    expect(page).toMatchObject({ status: 200, url: `${frontend.url}/` });
    const { body } = await me(browser);
    expect(body).toMatchObject({ name: 'Otto Auditor', email: 'auditor@example.org', roles: ['user', 'auditor'] });
    const user = await frontend.dataSource.getRepository(User).findOneByOrFail({ subject: 'auditor' });
    expect(user).toMatchObject({
      issuer: provider.issuer,
      groups: ['vpn-users', 'vpn-auditors'],
      lastLoginAt: frontend.clock.now(),
    });
  });

  it('asks the provider for a code with PKCE, state and nonce', async () => {
    const page = await new TestBrowser().send(login(), {});
    const { searchParams, origin } = new URL(page.headers.get('location') ?? '');
    expect(page.status).toBe(302);
    expect(origin).toBe(provider.issuer);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      scope: 'openid profile email groups',
      redirect_uri: `${frontend.url}/auth/callback`,
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  it('moves a login under another name of this host to the public address first, once', async () => {
    const other = frontend.url.replace('localhost', '127.0.0.1');
    const begun = await new TestBrowser().send(`${other}/auth/login?next=//evil.example&cli=1`, {});
    expect(begun.status).toBe(302);
    expect(begun.headers.get('location')).toBe(`${frontend.url}/auth/login?next=%2F&moved=1`);
    expect(begun.headers.getSetCookie()).toEqual([]);
    const program = await new TestBrowser().send(`${other}/auth/login?cli_port=45678&optionset=tcp`, {});
    expect(program.headers.get('location')).toBe(`${frontend.url}/auth/login?cli_port=45678&optionset=tcp&moved=1`);
    const hostless = await new TestBrowser().send(`${other}/auth/login?moved=1`, {});
    expect(new URL(hostless.headers.get('location') ?? '').origin).toBe(provider.issuer);
    const page = await signIn(new TestBrowser(), `${other}/auth/login?next=/api/v1/me`, 'user');
    expect(page).toMatchObject({ status: 200, url: `${frontend.url}/api/v1/me` });
  });

  it('keeps the user name after a wrong password', async () => {
    const browser = new TestBrowser();
    const form = await browser.get(login());
    const page = await browser.post(form.url, { username: '"Ada', password: 'wrong', action: 'login' });
    expect(page.status).toBe(401);
    expect(page.body).toContain('name="username" value="&quot;Ada"');
  });

  it('leads from a login that cannot go on back to the portal', async () => {
    const page = await new TestBrowser().get(`${provider.issuer}/interaction/unknown`);
    expect(page.status).toBe(400);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.body).toContain(`<a class="button" href="${frontend.url}/">`);
  });

  it('binds the login to the browser that began it', async () => {
    const callback = await authorized(new TestBrowser());
    const page = await new TestBrowser().get(callback);
    expect(page.status).toBe(400);
    expect(page.body).toContain('was not started in this browser');
    expect(page.headers.getSetCookie().join()).not.toContain('session=');
  });

  it('refuses a callback whose state was changed', async () => {
    const browser = new TestBrowser();
    const callback = new URL(await authorized(browser));
    callback.searchParams.set('state', `${callback.searchParams.get('state') ?? ''}x`);
    expect(await browser.get(callback.href)).toMatchObject({ status: 400 });
  });

  it('takes a callback once', async () => {
    const browser = new TestBrowser();
    const callback = await authorized(browser);
    expect(await browser.get(callback)).toMatchObject({ status: 200, url: `${frontend.url}/` });
    expect(Object.keys(browser.cookies('localhost')).filter((name) => name.startsWith('login-'))).toEqual([]);
    const again = await browser.get(callback);
    expect(again.status).toBe(400);
    expect(again.body).toContain('Sign in');
  });

  it('does not spend a callback on a HEAD request', async () => {
    const browser = new TestBrowser();
    const callback = await authorized(browser);
    expect(await browser.send(callback, { method: 'HEAD' })).toMatchObject({ status: 200 });
    expect(await browser.get(callback)).toMatchObject({ status: 200, url: `${frontend.url}/` });
  });

  it('takes a code once, even from a browser that kept the cookie', async () => {
    const browser = new TestBrowser();
    const callback = await authorized(browser);
    const kept = Object.entries(browser.cookies('localhost'));
    await browser.get(callback);
    for (const [name, value] of kept) browser.setCookie('localhost', name, value);
    const again = await browser.get(callback);
    expect(again).toMatchObject({ status: 400 });
  });

  it('gives up a login that took too long', async () => {
    const browser = new TestBrowser();
    const callback = await authorized(browser);
    frontend.clock.advance(11 * 60);
    const page = await browser.get(callback);
    frontend.clock.set(new Date());
    expect(page.status).toBe(400);
    expect(page.body).toContain('took too long');
  });

  it('keeps several logins in one browser apart', async () => {
    const browser = new TestBrowser();
    const [first, second] = [await authorized(browser), await authorized(browser)];
    expect(await browser.get(first)).toMatchObject({ status: 200 });
    expect(await browser.get(second)).toMatchObject({ status: 200 });
  });

  it('shows a page when the person cancels, and no session begins', async () => {
    const browser = new TestBrowser();
    const form = await browser.get(login());
    const page = await browser.post(form.url, { action: 'cancel' });
    expect(page.status).toBe(403);
    expect(page.body).toContain('You cancelled the login');
    expect(browser.cookies('localhost')).not.toHaveProperty('session');
  });

  it.each([
    ['error=access_denied', 403],
    ['error=consent_required', 403],
    ['error=server_error', 503],
    ['error=invalid_scope', 502],
    ['', 400],
    ['code=', 400],
    ['code=a&code=b', 400],
    ['iss=https://other.example&code=a', 403],
  ])('answers a callback with %j by status %d', async (query, status) => {
    const browser = new TestBrowser();
    const page = await browser.send(login(), {});
    const state = new URL(page.headers.get('location') ?? '').searchParams.get('state') ?? '';
    expect(await browser.get(`${frontend.url}/auth/callback?state=${state}&${query}`)).toMatchObject({ status });
  });

  it('answers programs with a problem document', async () => {
    const browser = new TestBrowser({ accept: 'application/json' });
    const page = await browser.get(`${frontend.url}/auth/callback?state=unknown&code=secret-code`);
    expect(page.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.parse(page.body)).toMatchObject({
      code: 'login_state_unknown',
      status: 400,
      instance: '/auth/callback',
    });
    expect(page.body).not.toContain('secret-code');
  });

  it('leads on to an own page and never to another site', async () => {
    const own = await signIn(new TestBrowser(), login('?next=/api/v1/me'), 'user');
    expect(own.url).toBe(`${frontend.url}/api/v1/me`);
    for (const next of [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example/',
      '/%09/evil.example',
      '/auth/login',
    ]) {
      const page = await signIn(new TestBrowser(), login(`?next=${encodeURIComponent(next)}`), 'user', (target) => {
        return target.hostname !== 'localhost';
      });
      expect(page.status).toBeLessThan(500);
      expect(new URL(page.url).origin).toBe(frontend.url);
      expect(page.status === 302 ? page.headers.get('location') : '').not.toContain('evil.example');
    }
  });

  it('stores nothing for a visitor who is not signed in', async () => {
    const sessions = frontend.dataSource.getRepository(StoredSession);
    const before = await sessions.count();
    const visitor = new TestBrowser();
    for (const path of ['/', '/auth/login', '/api/v1/me', '/missing', '/auth/callback?code=x&state=y']) {
      await visitor.send(`${frontend.url}${path}`, {});
    }
    await visitor.post(`${frontend.url}/auth/logout`, {});
    expect(await sessions.count()).toBe(before);
    expect(visitor.cookies('localhost')).not.toHaveProperty('session');
  });

  it('takes a right away at the next login once the group is gone', async () => {
    const browser = new TestBrowser();
    await signIn(browser, login(), 'auditor');
    // As if the last login had been before the provider took the administrators' group away.
    const users = frontend.dataSource.getRepository(User);
    await users.update({ subject: 'auditor' }, { groups: ['vpn-users', 'vpn-admins'] });
    expect((await me(browser)).body.roles).toContain('service_administrator');
    const later = new TestBrowser();
    await signIn(later, login(), 'auditor');
    expect((await me(later)).body.roles).toEqual(['user', 'auditor']);
    expect((await me(browser)).status).toBe(401);
  });

  it('knows one person by issuer and subject, however often they come at once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => signIn(new TestBrowser(), login(), 'admin')));
    const users = frontend.dataSource.getRepository(User);
    expect(await users.countBy({ issuer: provider.issuer, subject: 'admin' })).toBe(1);
  });

  it('does not go to the provider for somebody who is signed in already', async () => {
    const browser = new TestBrowser();
    await signIn(browser, login(), 'user');
    expect(await browser.get(login('?next=/api/v1/me'))).toMatchObject({
      status: 200,
      url: `${frontend.url}/api/v1/me`,
    });
  });
});
