import { createKeyPairAndCsr } from '@libs/pki';
import { type BrowserPage, TestBrowser, testDatabases } from '@libs/testing';
import { createHash, randomBytes } from 'node:crypto';
import { AccessToken } from '../src/credentials/access-token.entity';
import { DeviceAuthorization } from '../src/device-authorization/device-authorization.entity';
import { DEVICE_GRANT } from '../src/device-authorization/token.dto';
import { PersonSessions } from '../src/sessions/person-sessions.service';
import { apiCall } from './support/api-call';
import { csrfTokenIn, startSurroundedFrontend, type SurroundedFrontend } from './support/surrounded-frontend';

const STATE = 'state-of-the-program';

describe.each(testDatabases())('programs of a person on $name', (database) => {
  let frontend: SurroundedFrontend;

  beforeAll(async () => {
    frontend = await startSurroundedFrontend(database);
  });
  afterAll(() => frontend.close());
  beforeEach(() => {
    frontend.reset();
    frontend.clock.set(new Date());
  });

  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    apiCall(frontend.url, `POST ${path}`, { body, headers });
  const token = (body: object) => post('/api/v1/token', body);
  const accessTokens = () => frontend.dataSource.getRepository(AccessToken).count();

  describe('that logs in with a challenge', () => {
    const isProgram = (target: URL) => target.port === '45678';
    const start = (browser: TestBrowser, query: Record<string, string>) =>
      browser.get(`${frontend.url}/auth/login?${new URLSearchParams(query).toString()}`, isProgram);

    interface Begun {
      readonly code: string;
      readonly code_verifier: string;
    }
    async function begin(browser: TestBrowser, optionset = ''): Promise<Begun> {
      const code_verifier = randomBytes(32).toString('base64url');
      const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
      const page = await start(browser, { cli_port: '45678', optionset, code_challenge, state: STATE });
      expect(page.status).toBe(302);
      const target = new URL(page.headers.get('location') ?? '');
      expect(target.origin).toBe('http://localhost:45678');
      expect([...target.searchParams.keys()]).toEqual(['token', 'state']);
      expect(target.searchParams.get('state')).toBe(STATE);
      return { code: target.searchParams.get('token') ?? '', code_verifier };
    }
    const exchange = (begun: Begun) => token({ grant_type: 'authorization_code', ...begun });

    it('needs no confirmation, and gets an access token for the verifier, once', async () => {
      const begun = await begin(await frontend.signedIn());
      const answer = await exchange(begun);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.body).toEqual({
        access_token: expect.stringMatching(/^ovat_[\w-]{43}$/),
        token_type: 'Bearer',
        expires_in: 900,
      });
      const again = await exchange(begun);
      expect(again.status).toBe(400);
      expect(again.body).toMatchObject({ code: 'invalid_grant', error: 'invalid_grant' });
    });

    it('is led through the login first', async () => {
      await begin(new TestBrowser());
    });

    it.each([
      ['another verifier', { code_verifier: 'x'.repeat(43) }],
      ['no verifier', { code_verifier: undefined }],
      ['an unknown code', { code: `ovdl_${'A'.repeat(43)}` }],
      ['no code', { code: undefined }],
    ])('gets nothing with %s', async (_, change) => {
      const begun = await begin(await frontend.signedIn());
      const answer = await token({ grant_type: 'authorization_code', ...begun, ...change });
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ error: 'invalid_grant' });
      expect((await exchange(begun)).status).toBe(200);
    });

    it('gets nothing after the token has expired', async () => {
      const begun = await begin(await frontend.signedIn());
      frontend.clock.advance(301);
      expect((await exchange(begun)).body).toMatchObject({ error: 'invalid_grant' });
    });

    it('may redeem the token for a profile at once, with the verifier alone', async () => {
      const { code, code_verifier } = await begin(await frontend.signedIn(), 'full-tunnel');
      expect((await fetch(`${frontend.url}/download/${code}`)).status).toBe(400);
      expect((await post('/download', { token: code })).status).toBe(400);
      const { csrPem } = await createKeyPairAndCsr({ commonName: 'x', algorithm: 'P-256' });
      const body = JSON.stringify({ token: code, code_verifier, csr: csrPem, device_name: 'Laptop' });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${frontend.url}/download`, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
      const profile = await answer.text();
      expect(profile).toContain('redirect-gateway');
      expect(profile).not.toContain('<key>');
      expect((await exchange({ code, code_verifier })).status).toBe(400);
    });

    it('gets one of profile and access token under 50 parallel attempts at both', async () => {
      const begun = await begin(await frontend.signedIn());
      const { code, code_verifier } = begun;
      const before = await accessTokens();
      const attempts = Array.from({ length: 50 }, (_, index) =>
        index % 2 === 0 ? exchange(begun) : post('/download', { token: code, code_verifier }),
      );
      const statuses = (await Promise.all(attempts)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.every((status) => [200, 400, 410].includes(status))).toBe(true);
      expect((await accessTokens()) - before + frontend.services.certificates.length).toBe(1);
    });

    it.each([
      { code_challenge: 'a'.repeat(43) },
      { state: STATE },
      { code_challenge: 'short', state: STATE },
      { code_challenge: 'a'.repeat(43), state: 'x y' },
      { code_challenge: 'a'.repeat(43), state: STATE, code_challenge_method: 'plain' },
    ])('is refused with %j', async (query) => {
      const page = await start(await frontend.signedIn(), { cli_port: '45678', ...query });
      expect(page.status).toBe(422);
    });
  });

  describe('on a device without a browser', () => {
    interface Begun {
      readonly device_code: string;
      readonly user_code: string;
      readonly verification_uri_complete: string;
    }
    async function begin(device_name = 'build host'): Promise<Begun> {
      const answer = await post('/api/v1/device/authorize', { device_name, client_id: 'ovpn-config' });
      expect(answer.status).toBe(200);
      return answer.body as unknown as Begun;
    }
    const poll = ({ device_code }: Begun) => token({ grant_type: DEVICE_GRANT, device_code });
    async function decide(browser: TestBrowser, { user_code }: Begun, decision: string): Promise<BrowserPage> {
      const page = await browser.get(`${frontend.url}/device?user_code=${user_code}`);
      return browser.post(`${frontend.url}/device`, { _csrf: csrfTokenIn(page), user_code, decision });
    }

    it('waits for the person, and receives its token once', async () => {
      const begun = await begin();
      expect(begun).toEqual({
        device_code: expect.stringMatching(/^ovdc_[\w-]{43}$/),
        user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
        verification_uri: `${frontend.url}/device`,
        verification_uri_complete: `${frontend.url}/device?user_code=${begun.user_code}`,
        expires_in: 600,
        interval: 5,
      });
      expect((await poll(begun)).body).toMatchObject({ error: 'authorization_pending', status: 400 });
      expect((await decide(await frontend.signedIn(), begun, 'approved')).body).toContain('The device may go on');
      const answer = await poll(begun);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ token_type: 'Bearer' });
      expect((await poll(begun)).body).toMatchObject({ error: 'invalid_grant' });
    });

    it('speaks forms as well, as OAuth libraries do', async () => {
      const body = new URLSearchParams({ client_id: 'x', scope: '' });
      const answer = await fetch(`${frontend.url}/api/v1/device/authorize`, { method: 'POST', body });
      expect(answer.status).toBe(200);
    });

    it('is slowed down when it asks too soon, from then on', async () => {
      const begun = await begin();
      expect((await poll(begun)).body).toMatchObject({ error: 'authorization_pending' });
      frontend.clock.advance(4);
      expect((await poll(begun)).body).toMatchObject({ error: 'slow_down' });
      frontend.clock.advance(5);
      expect((await poll(begun)).body).toMatchObject({ error: 'slow_down' });
      frontend.clock.advance(15);
      expect((await poll(begun)).body).toMatchObject({ error: 'authorization_pending' });
    });

    it('is told of a refusal, of its expiry, and that its code is none', async () => {
      const refused = await begin();
      expect((await decide(await frontend.signedIn(), refused, 'refused')).body).toContain('The device was refused');
      expect((await poll(refused)).body).toMatchObject({ error: 'access_denied' });
      const late = await begin();
      const browser = await frontend.signedIn();
      frontend.clock.advance(600);
      expect((await poll(late)).body).toMatchObject({ error: 'expired_token' });
      const page = await browser.get(late.verification_uri_complete);
      expect(page.body).toContain('No device waits with this code');
      expect((await token({ grant_type: DEVICE_GRANT, device_code: 'x' })).body).toMatchObject({
        error: 'invalid_grant',
      });
      expect((await token({ grant_type: 'password' })).body).toMatchObject({ error: 'unsupported_grant_type' });
      expect((await token({})).status).toBe(422);
    });

    it('receives one token of 50 parallel polls', async () => {
      const begun = await begin();
      await decide(await frontend.signedIn(), begun, 'approved');
      const before = await accessTokens();
      const answers = await Promise.all(Array.from({ length: 50 }, () => poll(begun)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ body }) => body['error'] === 'invalid_grant')).toHaveLength(49);
      expect((await accessTokens()) - before).toBe(1);
    });

    it('shows the person what it is before they decide, and hostile names as text', async () => {
      const begun = await begin('<script>alert(1)</script>');
      const page = await (
        await frontend.signedIn()
      ).get(`${frontend.url}/device?user_code=${begun.user_code.toLowerCase()}`);
      expect(page.status).toBe(200);
      expect(page.body).toContain(begun.user_code);
      expect(page.body).toContain('&lt;script>alert(1)');
      expect(page.body).toContain('127.0.0.1');
    });

    it('leads a visitor through the login and back to the code', async () => {
      const begun = await begin();
      const page = await new TestBrowser().get(begun.verification_uri_complete);
      expect(page.url).toBe(begun.verification_uri_complete);
      expect(page.body).toContain('A device asks for access');
    });

    it('gets nothing by a form of another site, nor by a code that nobody waits with', async () => {
      const begun = await begin();
      const browser = await frontend.signedIn();
      const { user_code } = begun;
      const forged = await browser.post(`${frontend.url}/device`, { user_code, decision: 'approved' });
      expect(forged.status).toBe(403);
      expect((await poll(begun)).body).toMatchObject({ error: 'authorization_pending' });
      const unknown = await browser.get(`${frontend.url}/device?user_code=XXXX-XXXX`);
      expect(unknown.body).toContain('No device waits with this code');
      expect(await decide(browser, { ...begun, user_code: 'XXXX-XXXX' }, 'approved')).toMatchObject({ status: 422 });
    });

    it('keeps nothing but hashes of its codes', async () => {
      const begun = await begin();
      const rows = JSON.stringify(await frontend.dataSource.getRepository(DeviceAuthorization).find());
      expect(rows).not.toContain(begun.device_code.slice(5));
      expect(rows).not.toContain(begun.user_code);
    });
  });

  describe('with its access token', () => {
    async function accessToken(): Promise<string> {
      const answer = await post('/api/v1/device/authorize', {});
      const { device_code, user_code } = answer.body as { device_code: string; user_code: string };
      const browser = await frontend.signedIn();
      const page = await browser.get(`${frontend.url}/device?user_code=${user_code}`);
      await browser.post(`${frontend.url}/device`, { _csrf: csrfTokenIn(page), user_code, decision: 'approved' });
      return String((await token({ grant_type: DEVICE_GRANT, device_code })).body['access_token']);
    }
    const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

    it('acts for the person, without CSRF token, and as a user alone', async () => {
      frontend.provider.idToken = (usual) => frontend.provider.sign({ ...usual, sub: 'boss', groups: ['vpn-admins'] });
      const headers = bearer(await accessToken());
      const me = await apiCall(frontend.url, 'GET /api/v1/me', { headers });
      expect(me.body).toMatchObject({ roles: ['user'] });
      expect((await post('/api/v1/profiles', { device_name: 'host' }, headers)).status).toBe(200);
      const list = await apiCall(frontend.url, 'GET /api/v1/me/certificates', { headers });
      expect(list.body).toMatchObject({ items: [{ device_name: 'host' }] });
      expect((await apiCall(frontend.url, 'GET /api/v1/admin/psks', { headers })).status).toBe(403);
    });

    it('stops when the person’s sessions are ended', async () => {
      const headers = bearer(await accessToken());
      const me = await apiCall(frontend.url, 'GET /api/v1/me', { headers });
      await frontend.app.get(PersonSessions).endAll(String(me.body['id']));
      expect((await apiCall(frontend.url, 'GET /api/v1/me', { headers })).status).toBe(401);
    });

    it('stops after a quarter of an hour', async () => {
      const headers = bearer(await accessToken());
      frontend.clock.advance(899);
      expect((await apiCall(frontend.url, 'GET /api/v1/options', { headers })).status).toBe(200);
      frontend.clock.advance(1);
      const answer = await apiCall(frontend.url, 'GET /api/v1/options', { headers });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    });
  });
});
