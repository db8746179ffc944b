import { DEVELOPMENT_CLIENT } from '@libs/development';
import { TestBrowser, testDatabases } from '@libs/testing';
import type { SessionData } from 'express-session';
import { createHash } from 'node:crypto';
import { StoredSession } from '../src/sessions/session.entity';
import { SessionStore } from '../src/sessions/session.store';
import { freePort, startFrontend, type TestFrontend } from './support/frontend';
import { ScriptedProvider } from './support/scripted-provider';

const IDLE_SECONDS = 600;
const ABSOLUTE_SECONDS = 3_600;

describe.each(testDatabases())('sessions on $name', (database) => {
  let frontend: TestFrontend;
  let provider: ScriptedProvider;

  beforeAll(async () => {
    provider = await ScriptedProvider.start(DEVELOPMENT_CLIENT.clientId);
    const variables = {
      FRONTEND_SESSION_IDLE_SECONDS: String(IDLE_SECONDS),
      FRONTEND_SESSION_ABSOLUTE_SECONDS: String(ABSOLUTE_SECONDS),
    };
    frontend = await startFrontend({ database, port: await freePort(), issuer: provider.issuer, variables });
  });

  beforeEach(() => {
    frontend.clock.set(new Date());
  });

  afterAll(async () => {
    await frontend.close();
    await provider.close();
  });

  const rows = () => frontend.dataSource.getRepository(StoredSession);
  const me = (browser: TestBrowser) => browser.get(`${frontend.url}/api/v1/me`);
  const csrfToken = async (browser: TestBrowser) => {
    return (JSON.parse((await me(browser)).body) as { readonly csrf_token: string }).csrf_token;
  };
  const sessionId = (browser: TestBrowser) => {
    return /^s:([\w-]{43})\./.exec(decodeURIComponent(browser.cookies('localhost')['session'] ?? ''))?.[1] ?? '';
  };
  const rowOf = (id: string) => rows().findOneBy({ idHash: createHash('sha256').update(id).digest('hex') });

  async function signedIn(): Promise<TestBrowser> {
    const browser = new TestBrowser();
    await browser.get(`${frontend.url}/auth/login?next=/api/v1/me`);
    return browser;
  }

  it('keeps the hash of the id and never the id', async () => {
    const id = sessionId(await signedIn());
    expect(await rowOf(id)).toMatchObject({ destroyedAt: null });
    expect(JSON.stringify(await rows().find())).not.toContain(id);
  });

  it('hands the cookie to scripts and other sites never', async () => {
    const browser = new TestBrowser();
    const page = await browser.get(`${frontend.url}/auth/login`, (target) => target.pathname === '/');
    const cookie = page.headers.getSetCookie().find((line) => line.startsWith('session=')) ?? '';
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).not.toMatch(/Expires|Max-Age|Domain/i);
  });

  it('starts under a new id, so that a planted session is worth nothing', async () => {
    const attacker = await signedIn();
    const planted = attacker.cookies('localhost')['session'] ?? '';
    const victim = new TestBrowser();
    const isCallback = (target: URL) => target.pathname === '/auth/callback';
    const authorized = await victim.get(`${frontend.url}/auth/login?next=/api/v1/me`, isCallback);
    victim.setCookie('localhost', 'session', planted);
    await victim.get(authorized.headers.get('location') ?? '');
    expect(victim.cookies('localhost')['session']).not.toBe(planted);
    expect((await me(victim)).status).toBe(200);
    expect((await me(attacker)).status).toBe(401);
  });

  it('ends after the idle time, which use moves on', async () => {
    const browser = await signedIn();
    for (let step = 0; step < 3; step += 1) {
      frontend.clock.advance(IDLE_SECONDS - 10);
      expect((await me(browser)).status).toBe(200);
    }
    frontend.clock.advance(IDLE_SECONDS + 1);
    expect((await me(browser)).status).toBe(401);
  });

  it('ends after the absolute time, however much it is used', async () => {
    const browser = await signedIn();
    for (let passed = 0; passed < ABSOLUTE_SECONDS - 400; passed += 400) {
      frontend.clock.advance(400);
      expect((await me(browser)).status).toBe(200);
    }
    frontend.clock.advance(400);
    expect((await me(browser)).status).toBe(401);
  });

  it('does not write on every request', async () => {
    const browser = await signedIn();
    const before = await rowOf(sessionId(browser));
    frontend.clock.advance(5);
    await me(browser);
    expect(await rowOf(sessionId(browser))).toEqual(before);
  });

  async function signOut(browser: TestBrowser) {
    return browser.post(`${frontend.url}/auth/logout`, { _csrf: await csrfToken(browser) });
  }

  it('ends at sign-out, for good', async () => {
    const browser = await signedIn();
    const cookie = browser.cookies('localhost')['session'] ?? '';
    const page = await signOut(browser);
    expect(page).toMatchObject({ status: 200, url: `${frontend.url}/` });
    expect(browser.cookies('localhost')).not.toHaveProperty('session');
    browser.setCookie('localhost', 'session', cookie);
    expect((await me(browser)).status).toBe(401);
  });

  it.each([
    ['no token', {}],
    ['a wrong token', { _csrf: 'x'.repeat(43) }],
    ['an empty token', { _csrf: '' }],
  ])('does not sign out with %s', async (_, form) => {
    const browser = await signedIn();
    const page = await browser.post(`${frontend.url}/auth/logout`, form);
    expect(page.status).toBe(403);
    expect((await me(browser)).status).toBe(200);
  });

  it('does not take the token of another session', async () => {
    const [browser, other] = [await signedIn(), await signedIn()];
    const page = await browser.post(`${frontend.url}/auth/logout`, { _csrf: await csrfToken(other) });
    expect(page.status).toBe(403);
  });

  it('takes the token in a header', async () => {
    const browser = await signedIn();
    const headers = { 'x-csrf-token': await csrfToken(browser) };
    const page = await browser.send(`${frontend.url}/auth/logout`, { method: 'POST', headers });
    expect(page.status).toBe(303);
  });

  it.each([
    ['without a cookie', undefined],
    ['with the cookie of a session that is none', 'session=s%3Aunknown.signature'],
    ['with the cookie of another name', 'othersession=s%3Aunknown.signature'],
  ])('is neither made nor missed for a visitor %s', async (_, cookie) => {
    const send = (method: string, path: string) =>
      fetch(`${frontend.url}${path}`, { method, redirect: 'manual', headers: { ...(cookie && { cookie }) } });
    const before = await rows().count();
    const answers = [await send('GET', '/'), await send('POST', '/auth/logout'), await send('GET', '/api/v1/me')];
    expect(answers.map(({ status }) => status)).toEqual([200, 303, 401]);
    expect(answers.map(({ headers }) => headers.get('set-cookie'))).toEqual([null, null, null]);
    expect(await rows().count()).toBe(before);
  });

  it('signs out by POST only', async () => {
    const browser = await signedIn();
    expect((await browser.get(`${frontend.url}/auth/logout`)).status).toBe(404);
    expect((await me(browser)).status).toBe(200);
  });

  /** As a request does when it arrives. */
  function load(id: string): Promise<SessionData> {
    return new Promise((resolve, reject) => {
      frontend.app.get(SessionStore, { strict: false }).get(id, (error, session) => {
        if (session) resolve(session);
        else reject(new Error(String(error)));
      });
    });
  }

  it('is not brought back by a request that was under way when it ended', async () => {
    const browser = await signedIn();
    const id = sessionId(browser);
    const store = frontend.app.get(SessionStore, { strict: false });
    const loaded = await load(id);
    await signOut(browser);
    frontend.clock.advance(IDLE_SECONDS / 2);
    await new Promise((resolve) => {
      store.touch(id, loaded, resolve);
    });
    await new Promise((resolve) => {
      store.set(id, loaded, resolve);
    });
    const row = await rowOf(id);
    expect(row?.destroyedAt).not.toBeNull();
    expect((await me(browser)).status).toBe(401);
  });

  it('is not brought back by a request that was under way when it was pruned', async () => {
    const id = sessionId(await signedIn());
    const store = frontend.app.get(SessionStore, { strict: false });
    const loaded = await load(id);
    await rows().delete({ idHash: createHash('sha256').update(id).digest('hex') });
    frontend.clock.advance(IDLE_SECONDS / 2);
    for (const write of [store.touch, store.set]) {
      await new Promise((resolve) => {
        write.call(store, id, loaded, resolve);
      });
    }
    expect(await rowOf(id)).toBeNull();
  });

  it('survives fifty requests against one sign-out without coming back', async () => {
    const browser = await signedIn();
    const cookie = browser.cookies('localhost')['session'] ?? '';
    const token = await csrfToken(browser);
    frontend.clock.advance(IDLE_SECONDS / 2);
    const requests = Array.from({ length: 50 }, () => me(browser));
    await browser.post(`${frontend.url}/auth/logout`, { _csrf: token });
    await Promise.all(requests);
    browser.setCookie('localhost', 'session', cookie);
    expect((await me(browser)).status).toBe(401);
  });

  it('does not accept an id without our signature', async () => {
    const browser = await signedIn();
    const id = sessionId(browser);
    for (const value of [id, `s:${id}`, `s:${id}.${'A'.repeat(43)}`]) {
      const thief = new TestBrowser();
      thief.setCookie('localhost', 'session', encodeURIComponent(value));
      expect((await me(thief)).status).toBe(401);
    }
  });

  it('keeps nothing in a database that refers to nobody', async () => {
    await expect(
      rows().insert({
        idHash: 'a'.repeat(64),
        userId: 'nobody',
        data: { csrfToken: 'x' },
        createdAt: new Date(),
        idleExpiresAt: new Date(),
        absoluteExpiresAt: new Date(),
        destroyedAt: null,
      }),
    ).rejects.toThrow(/foreign key/i);
  });
});
