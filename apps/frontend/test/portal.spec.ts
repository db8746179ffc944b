import { TestBrowser, testDatabases } from '@libs/testing';
import { csrfTokenIn, startSurroundedFrontend, type SurroundedFrontend } from './support/surrounded-frontend';

const HOSTILE_NAME = '<script>alert(1)</script>"\'&';

describe.each(testDatabases())('portal on $name', (database) => {
  let frontend: SurroundedFrontend;

  beforeAll(async () => {
    frontend = await startSurroundedFrontend(database);
  });
  beforeEach(() => {
    frontend.reset();
  });
  afterAll(() => frontend.close());

  let people = 0;
  /** Somebody who has never been here before. */
  async function signedIn(claims: Readonly<Record<string, unknown>> = {}): Promise<TestBrowser> {
    people += 1;
    const sub = `person-${String(people)}`;
    const person = { sub, name: 'Alice', email: `${sub}@example.org`, ...claims };
    frontend.provider.idToken = (usual) => frontend.provider.sign({ ...usual, ...person });
    return frontend.signedIn();
  }

  const home = (browser: TestBrowser) => browser.get(`${frontend.url}/`);
  const download = async (browser: TestBrowser, fields: Readonly<Record<string, string>> = {}) => {
    return browser.post(`${frontend.url}/profiles`, { _csrf: csrfTokenIn(await home(browser)), ...fields });
  };

  it('invites a visitor to sign in', async () => {
    const page = await home(new TestBrowser());
    expect(page.status).toBe(200);
    expect(page.body).toContain('href="/auth/login"');
    expect(page.headers.getSetCookie()).toEqual([]);
  });

  it('works without script and without anything inline, under a strict policy', async () => {
    const page = await home(await signedIn());
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(page.body).not.toMatch(/<script(?! src="\/assets\/[\w.-]+" defer)|<style|\sstyle=|\son\w+=/i);
    expect(page.body).toMatch(/<p [^>]*data-reload-hint[^>]*>\s*Reload this page after a download/);
  });

  it.each([
    ['stylesheet', /href="(\/assets\/[^"]+\.css)"/, 'text/css'],
    ['script', /src="(\/assets\/[^"]+\.js)"/, 'text/javascript'],
  ])('serves its %s for ever under a name of its own', async (_, link, type) => {
    const browser = new TestBrowser();
    const path = link.exec((await home(browser)).body)?.[1] ?? '';
    const asset = await browser.get(`${frontend.url}${path}`);
    expect(asset.headers.get('content-type')).toContain(type);
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect(await browser.get(`${frontend.url}/assets/missing.css`)).toMatchObject({ status: 404 });
  });

  it('shows who is signed in, with their roles and a way out', async () => {
    const page = await home(await signedIn({ groups: ['vpn-auditors'] }));
    expect(page.body).toContain('Hello, Alice');
    expect(page.body).toContain('Auditor');
    expect(page.body).toMatch(/<form method="post" action="\/auth\/logout">/);
  });

  it('tells those who administer what they may do, and where', async () => {
    const { body } = await home(await signedIn({ groups: ['vpn-auditors'] }));
    expect(body).toContain('search every certificate');
    expect(body).not.toContain('revoke certificates');
    expect(body).toMatch(/<a class="button quiet" href="\/api\/docs">/);
    expect((await home(await signedIn({ groups: ['vpn-admins'] }))).body).toContain('revoke certificates');
    expect((await home(await signedIn())).body).not.toContain('Administration');
  });

  it('shows a hostile name as text', async () => {
    const page = await home(await signedIn({ name: HOSTILE_NAME }));
    expect(page.body).toContain('&lt;script>alert(1)&lt;/script>');
    expect(page.body).not.toContain('<script>');
  });

  it('downloads a profile with the chosen options and lists its certificate', async () => {
    const browser = await signedIn();
    const page = await download(browser, { options: 'full-tunnel' });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('application/x-openvpn-profile');
    expect(page.headers.get('content-disposition')).toMatch(/^attachment; filename="[\w.-]+\.ovpn"$/);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.body).toContain('redirect-gateway');
    expect(page.body).toContain('<key>');
    const after = await home(browser);
    expect(after.body).toContain(
      `Serial number <code>${frontend.services.certificates[0]?.serial_number ?? ''}</code>`,
    );
    expect(after.body).toContain(`data-newest="${frontend.services.certificates[0]?.fingerprint ?? ''}"`);
    expect(after.body).toContain('>Valid<');
    expect(after.body).not.toContain('PRIVATE KEY');
  });

  it('names the device, renews its profile beside the old one, and says how long that works', async () => {
    const browser = await signedIn();
    await download(browser, { device_name: '  Laptop <1> ', options: 'tcp' });
    const { fingerprint } = frontend.services.certificates[0] ?? { fingerprint: '' };
    const path = `${frontend.url}/certificates/${fingerprint}`;
    expect((await home(browser)).body).toContain(`<a href="/certificates/${fingerprint}">Laptop &lt;1></a>`);
    const page = await browser.get(path);
    expect(page.status).toBe(200);
    expect(page.body).toContain('<h1>Laptop &lt;1></h1>');
    expect(page.body).toContain('works on for 7 days');
    const renewed = await browser.post(`${path}/renewal`, { _csrf: csrfTokenIn(page) });
    expect(renewed.headers.get('content-type')).toContain('application/x-openvpn-profile');
    expect(frontend.services.certificates).toHaveLength(2);
    const after = await browser.get(path);
    expect(after.body).toContain(`href="/certificates/${frontend.services.certificates[1]?.fingerprint ?? ''}"`);
    expect(after.body).toContain('Works until');
    expect(after.body).not.toContain('Download renewed profile');
    expect(await browser.post(`${path}/renewal`, { _csrf: csrfTokenIn(page) })).toMatchObject({ status: 409 });
  });

  it('revokes a certificate for its owner, and for nobody else', async () => {
    const browser = await signedIn();
    await download(browser);
    const { fingerprint } = frontend.services.certificates[0] ?? { fingerprint: '' };
    const path = `${frontend.url}/certificates/${fingerprint}`;
    const other = await signedIn();
    const form = { reason: 'key_compromise' };
    expect(await other.get(path)).toMatchObject({ status: 404 });
    expect(await other.post(`${path}/revocation`, { ...form, _csrf: csrfTokenIn(await home(other)) })).toMatchObject({
      status: 404,
    });
    expect(await browser.post(`${path}/revocation`, form)).toMatchObject({ status: 403 });
    expect(frontend.services.revocations).toEqual([]);
    const page = await browser.post(`${path}/revocation`, { ...form, _csrf: csrfTokenIn(await browser.get(path)) });
    expect(page).toMatchObject({ status: 200, url: path });
    expect(page.body).toContain('>Revoked<');
    expect(page.body).not.toContain('Revoke for good');
    expect(frontend.services.revocations).toMatchObject([{ fingerprint, reason: 'key_compromise' }]);
  });

  it('warns of a link that was used a second time', async () => {
    const browser = await signedIn();
    const answer = await browser.send(`${frontend.url}/api/v1/profiles`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': csrfTokenIn(await home(browser)) },
      body: JSON.stringify({ delivery: 'link' }),
    });
    const { url } = JSON.parse(answer.body) as { readonly url: string };
    for (const status of [200, 410, 410]) expect(await new TestBrowser().get(url)).toMatchObject({ status });
    expect((await home(browser)).body).toContain('Its link was used again');
    const page = await browser.get(
      `${frontend.url}/certificates/${frontend.services.certificates[0]?.fingerprint ?? ''}`,
    );
    expect(page.body).toContain('2 more times');
    expect(page.body).toContain('127.0.0.1');
  });

  it('shows nobody else’s certificates', async () => {
    await download(await signedIn());
    expect((await home(await signedIn())).body).toContain('Nothing here yet');
  });

  it('says which certificate has been revoked or has expired, and what it cannot know', async () => {
    const browser = await signedIn();
    await download(browser);
    const [record] = frontend.services.certificates;
    if (!record) throw new Error('no certificate');
    frontend.services.logIsDown = true;
    const page = await home(browser);
    expect(page.status).toBe(200);
    expect(page.body).toContain('>Not known now<');
    frontend.services.logIsDown = false;
    frontend.services.certificates[0] = {
      ...record,
      revocation: { index: 1, reason: 'superseded', revoked_at: record.logged_at },
    };
    expect((await home(browser)).body).toContain('>Revoked<');
    frontend.services.logIsDown = true;
    expect((await home(browser)).body).toContain('>Revoked<');
  });

  it.each([
    ['no token', {}],
    ['a wrong token', { _csrf: 'wrong' }],
  ])('makes no profile with %s', async (_, fields) => {
    const browser = await signedIn();
    const page = await browser.post(`${frontend.url}/profiles`, fields);
    expect(page.status).toBe(403);
    expect(page.body).toContain('out of date');
    expect(frontend.services.certificates).toHaveLength(0);
  });

  it('makes no profile for a visitor, nor with an option that does not exist', async () => {
    const page = await new TestBrowser().post(`${frontend.url}/profiles`, {});
    expect(page.status).toBe(401);
    expect(page.body).toContain('/auth/login?next=%2F');
    expect(await download(await signedIn(), { options: 'no-such-option' })).toMatchObject({ status: 422 });
    expect(await download(await signedIn(), { unknown: 'field' })).toMatchObject({ status: 422 });
    expect(frontend.services.certificates).toHaveLength(0);
  });

  it('shows a page when signing is down, and says that nothing was lost', async () => {
    frontend.services.mode = 'refuse';
    const page = await download(await signedIn());
    expect(page.status).toBe(503);
    expect(page.headers.get('retry-after')).not.toBeNull();
    expect(page.body).toContain('Nothing was lost');
  });

  it('answers browsers with pages and programs with problem documents', async () => {
    const page = await new TestBrowser().get(`${frontend.url}/no/such/page`);
    expect(page).toMatchObject({ status: 404 });
    expect(page.body).toContain('There is no such page');
    for (const [accept, path] of [
      ['application/json', '/no/such'],
      ['*/*', '/no/such'],
      ['text/html', '/api/v1/none'],
    ]) {
      const problem = await new TestBrowser({ accept: accept ?? '' }).get(`${frontend.url}${path ?? ''}`);
      expect(problem.headers.get('content-type')).toContain('application/problem+json');
      expect(JSON.parse(problem.body)).toMatchObject({ status: 404, code: 'not_found' });
    }
  });

  describe('as an API', () => {
    const call = async (browser: TestBrowser, body: object, token?: string) => {
      const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { 'x-csrf-token': token }) };
      return browser.send(`${frontend.url}/api/v1/profiles`, { method: 'POST', headers, body: JSON.stringify(body) });
    };

    it('tells the options', async () => {
      const page = await (await signedIn()).get(`${frontend.url}/api/v1/options`);
      expect(JSON.parse(page.body)).toMatchObject({
        items: expect.arrayContaining([expect.objectContaining({ id: 'full-tunnel' })]),
      });
      expect(await new TestBrowser().get(`${frontend.url}/api/v1/options`)).toMatchObject({ status: 401 });
    });

    it('makes a profile, or a link that gives one once', async () => {
      const browser = await signedIn();
      const token = csrfTokenIn(await home(browser));
      expect((await call(browser, { options: ['tcp'] }, token)).body).toContain('<key>');
      const answer = await call(browser, { options: ['tcp'], delivery: 'link' }, token);
      expect(answer.status).toBe(201);
      const { url } = JSON.parse(answer.body) as { readonly url: string };
      expect(await new TestBrowser().get(url)).toMatchObject({ status: 200 });
      expect(await new TestBrowser().get(url)).toMatchObject({ status: 410 });
    });

    it('refuses what it does not understand, and requests without the token', async () => {
      const browser = await signedIn();
      const token = csrfTokenIn(await home(browser));
      for (const body of [
        { options: [1] },
        { options: {} },
        { options: ['tcp', 'tcp'] },
        { delivery: 'mail' },
        { extra: 1 },
      ]) {
        const answer = await call(browser, body, token);
        expect(answer.status).toBe(422);
        expect(JSON.parse(answer.body)).toMatchObject({ code: 'invalid_request' });
      }
      for (const wrong of [undefined, 'wrong']) {
        const answer = await call(browser, {}, wrong);
        expect(answer.status).toBe(403);
        expect(JSON.parse(answer.body)).toMatchObject({
          code: 'csrf_token_invalid',
          detail: 'Send the csrf_token of GET /api/v1/me as the header X-CSRF-Token.',
        });
      }
      expect(frontend.services.certificates).toHaveLength(0);
    });
  });
});
