import { DEVELOPMENT_ACCOUNTS } from '@libs/development';
import { signIn, TestBrowser } from '@libs/testing';
import { DataSource } from 'typeorm';
import { frontendDataSourceOptions } from '../../apps/frontend/src/database/data-source-options';
import { ApiSession, objectOf } from '../support/api-session';
import { createPsk, mintLink, profileOf } from '../support/requests';
import { CapturedOutput } from './support/captured-output';
import { expectBundle, expectProblem, expectProfile, PROFILE_TYPE } from './support/delivered';
import { plainRequest, waitForBrowser } from './support/existing-client';
import { TestProduct } from './support/test-product';

const SESSION_TOKEN = /^[0-9a-f]{64}$/;
const NOT_A_PSK = `ovpsk_${'0'.repeat(16)}_${'A'.repeat(43)}`;

const get = (url: string, headers?: Readonly<Record<string, string>>) => plainRequest('GET', url, headers);
const head = (url: string, headers?: Readonly<Record<string, string>>) => plainRequest('HEAD', url, headers);

/** Written from "Spoken by clients that exist already" alone. */
describe('clients that exist already', () => {
  let product: TestProduct;
  let output: CapturedOutput;
  let user: ApiSession;
  let admin: ApiSession;
  let at: (path: string) => string;

  beforeAll(async () => {
    output = new CapturedOutput();
    product = await TestProduct.start(DEVELOPMENT_ACCOUNTS);
    at = (path) => `${product.frontendUrl}${path}`;
    user = await ApiSession.signIn(product.frontendUrl, 'user');
    admin = await ApiSession.signIn(product.frontendUrl, 'admin');
  });
  afterAll(async () => {
    await product.close();
    output.restore();
  });

  /** @returns how many certificates the log has */
  const certificates = async () => objectOf(await admin.get('/api/v1/admin/statistics'))['certificates'];

  it('see whether it is well', async () => {
    const answer = await get(at('/health'));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toEqual({ status: 'ok' });
    expect(await head(at('/health'))).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  });

  describe('log in through the browser', () => {
    /** A person follows the program's link, logs in, and confirms. @returns what the program receives */
    async function login(optionset: string): Promise<URLSearchParams> {
      const program = await waitForBrowser();
      const isProgram = ({ host }: URL) => host === `localhost:${String(program.port)}`;
      const browser = new TestBrowser();
      const path = `/auth/login?cli_port=${String(program.port)}${optionset}`;
      const page = await signIn(browser, at(path), 'user');
      const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.body)?.[1] ?? '';
      const form = { _csrf: field('_csrf'), cli_port: field('cli_port'), optionset: field('optionset') };
      const redirect = await browser.post(at('/auth/cli-login'), form, isProgram);
      expect(redirect.status).toBe(302);
      const location = redirect.headers.get('location') ?? '';
      expect(location).toMatch(new RegExp(`^http://localhost:${String(program.port)}\\?token=[\\w-]+$`));
      await get(location);
      const parameters = await program.parameters;
      await program.close();
      return parameters;
    }

    it.each([
      ['without optionset', '', undefined],
      ['with an empty optionset', '&optionset=', undefined],
      ['with the optionset None', '&optionset=None', undefined],
      ['with one option', '&optionset=full-tunnel', 'redirect-gateway def1'],
      ['with two options', '&optionset=full-tunnel,split-dns', 'redirect-gateway def1'],
    ])('%s', async (_, optionset, directive) => {
      const token = (await login(optionset)).get('token') ?? '';
      const profile = expectProfile(await get(at(`/download?token=${token}`)));
      if (directive === undefined) expect(profile.text).not.toContain('redirect-gateway');
      else expect(profile.text).toContain(`\n${directive}\n`);
    });
  });

  describe('download a profile', () => {
    const tokenOf = async (session = user) => (await mintLink(session)).replace(at('/download/'), '');

    it.each([
      ['/download?token=T', (token: string) => `/download?token=${token}`],
      ['/download/T', (token: string) => `/download/${token}`],
    ])('once, at %s; HEAD uses nothing', async (_, path) => {
      const token = await tokenOf();
      const url = at(path(token));
      const before = await certificates();
      for (const look of [await head(url), await head(url)]) {
        expect(look).toMatchObject({ status: 200, body: Buffer.alloc(0) });
        expect(look.headers['content-type']).toBe(PROFILE_TYPE);
        expect(look.headers['vpn-session-token']).toBeUndefined();
      }
      expect(await certificates()).toBe(before);
      const answer = await get(url);
      expectProfile(answer);
      expect(answer.headers['vpn-session-token']).toMatch(SESSION_TOKEN);
      expect(answer.headers['vpn-session-token']).not.toContain(token);
      expectProblem(await get(url), 410);
      expect((await head(url)).status).toBe(410);
      expect(await certificates()).toBe(Number(before) + 1);
    });

    it.each([
      '/download',
      '/download?token=',
      '/download?token=unknown',
      '/download/unknown',
      '/download?token=a&token=b',
    ])('not at %s: 400', async (path) => {
      expectProblem(await get(at(path)), 400);
      expect((await head(at(path))).status).toBe(400);
    });

    it("not in another user's session: 403, and the link still works", async () => {
      const url = at(`/download/${await tokenOf()}`);
      const cookie = Object.entries(admin.browser.cookies('localhost'));
      const headers = { cookie: cookie.map((pair) => pair.join('=')).join('; ') };
      expectProblem(await get(url, headers), 403);
      expectProfile(await get(url));
    });

    it('not too late: 410', async () => {
      const url = at(`/download/${await tokenOf()}`);
      const database = await new DataSource(frontendDataSourceOptions(product.frontendConfig)).initialize();
      await database.query(`UPDATE download_tokens SET expires_at = created_at WHERE claimed_at IS NULL`);
      await database.destroy();
      expectProblem(await get(url), 410);
      expect((await head(url)).status).toBe(410);
    });
  });

  describe('fetch with a pre-shared key', () => {
    const SERVER = { kind: 'server', common_name: 'vpn.localhost' } as const;
    const COMPUTER = { kind: 'computer', common_name: 'kiosk' } as const;
    const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

    it.each(['GET', 'POST'])('a server bundle by %s, as often as they ask', async (method) => {
      const secret = await createPsk(admin, SERVER);
      const serials = new Set<string>();
      const ask = () => plainRequest(method, at('/api/v1/server/bundle'), bearer(secret));
      for (const answer of [await ask(), await ask()]) {
        expect(answer.status).toBe(200);
        expect(answer.headers).toMatchObject({ 'content-type': 'application/gzip', 'cache-control': 'no-store' });
        serials.add(await expectBundle(answer.body));
      }
      expect(serials.size).toBe(2);
    });

    it.each(['GET', 'POST'])("a computer's profile by %s", async (method) => {
      const secret = await createPsk(admin, COMPUTER);
      const profile = expectProfile(await plainRequest(method, at('/api/v1/computer/bundle'), bearer(secret)));
      expect(profile.certificate.subject).toBe('CN=kiosk');
    });

    it.each([
      ['server', SERVER],
      ['computer', COMPUTER],
    ] as const)('a %s bundle: HEAD uses nothing, and a key that is used up is 401', async (kind, order) => {
      const secret = await createPsk(admin, { ...order, use_limit: 1 });
      const url = at(`/api/v1/${kind}/bundle`);
      expect(await head(url, bearer(secret))).toMatchObject({ status: 200, body: Buffer.alloc(0) });
      expect((await get(url, bearer(secret))).status).toBe(200);
      const again = await get(url, bearer(secret));
      expectProblem(again, 401);
      expect((await head(url, bearer(secret))).status).toBe(401);
    });

    it.each([
      ['server', COMPUTER],
      ['computer', SERVER],
    ] as const)('no %s bundle with a key of the wrong kind: 403', async (kind, order) => {
      const secret = await createPsk(admin, order);
      expectProblem(await get(at(`/api/v1/${kind}/bundle`), bearer(secret)), 403);
      expect((await head(at(`/api/v1/${kind}/bundle`), bearer(secret))).status).toBe(403);
    });

    it('nothing without a key that counts: 401, all alike', async () => {
      const revoked = objectOf(await admin.post('/api/v1/admin/psks', SERVER));
      await admin.post(`/api/v1/admin/psks/${String(revoked['id'])}/revocation`);
      const soon = new Date(Date.now() + 300).toISOString();
      const expired = objectOf(await admin.post('/api/v1/admin/psks', { ...SERVER, expires_at: soon }));
      const usedUp = await createPsk(admin, { ...SERVER, use_limit: 1 });
      await get(at('/api/v1/server/bundle'), bearer(usedUp));
      await new Promise((resolve) => setTimeout(resolve, 350));
      const secrets = [NOT_A_PSK, 'nonsense', '', String(revoked['secret']), String(expired['secret']), usedUp];
      const headers = [{}, { authorization: 'Basic eDp5' }, ...secrets.map(bearer)];
      const answers = [];
      for (const method of ['GET', 'POST']) {
        for (const credential of headers) {
          const answer = await plainRequest(method, at('/api/v1/server/bundle'), credential);
          expectProblem(answer, 401);
          const problem = JSON.parse(answer.body.toString()) as Record<string, unknown>;
          answers.push(JSON.stringify([answer.headers['www-authenticate'], { ...problem, request_id: undefined }]));
        }
      }
      expect(new Set(answers).size).toBe(1);
    });
  });

  describe('fetch the revocation lists', () => {
    const DER = 'application/pkix-crl';
    const PEM = 'application/x-pem-file';

    it.each([
      ['/crl', undefined, DER],
      ['/crl', '*/*', DER],
      ['/crl', DER, DER],
      ['/crl', PEM, PEM],
      ['/crl.pem', undefined, PEM],
    ])('%s with Accept %s as %s', async (path, accept, type) => {
      const headers = accept === undefined ? {} : { accept };
      const answer = await get(at(path), headers);
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({
        'content-type': expect.stringMatching(new RegExp(`^${type}(;|$)`)),
        etag: expect.stringMatching(/^"[^"]+"$/),
        'last-modified': expect.stringMatching(/GMT$/),
      });
      if (type === DER) expect(answer.body[0]).toBe(0x30);
      // The issuing CA's and the root's.
      else expect(answer.body.toString().match(/-----BEGIN X509 CRL-----/g)).toHaveLength(2);

      const look = await head(at(path), headers);
      expect(look).toMatchObject({ status: 200, body: Buffer.alloc(0) });
      expect(look.headers.etag).toBe(answer.headers.etag);
      expect(look.headers['content-length']).toBe(String(answer.body.length));

      const { etag = '', 'last-modified': lastModified = '' } = answer.headers;
      const known = [{ 'if-none-match': etag }, { 'if-none-match': '*' }, { 'if-modified-since': lastModified }];
      for (const condition of known) {
        const unchanged = await get(at(path), { ...headers, ...condition });
        expect(unchanged).toMatchObject({ status: 304, body: Buffer.alloc(0) });
        expect(unchanged.headers.etag).toBe(etag);
      }
      expect((await get(at(path), { ...headers, 'if-none-match': '"another"' })).status).toBe(200);
    });

    it('with another ETag, and the serial number, once something has been revoked', async () => {
      const before = await get(at('/crl'));
      const { fingerprint, certificate } = await profileOf(user);
      await user.post(`/api/v1/me/certificates/${fingerprint}/revocation`, { reason: 'key_compromise' });
      const after = await get(at('/crl'), { 'if-none-match': before.headers.etag ?? '' });
      expect(after.status).toBe(200);
      expect(after.headers.etag).not.toBe(before.headers.etag);
      expect(after.body.toString('hex').toUpperCase()).toContain(certificate.serialNumber);
      expect(before.body.toString('hex').toUpperCase()).not.toContain(certificate.serialNumber);
    });
  });

  describe('as OpenVPN Connect', () => {
    const page = () => at('/openvpn-api/profile');

    it('are told to open a browser, get a link for the app, and are known by its session token afterwards', async () => {
      const probe = await head(page());
      expect(probe).toMatchObject({ status: 200, body: Buffer.alloc(0) });
      expect(probe.headers['ovpn-webauth']).toMatch(/^[^,]+,external$/);

      expect(await get(page())).toMatchObject({
        status: 302,
        headers: { location: expect.stringMatching(/^\/auth\/login\?/) },
      });
      const toApp = await user.get('/openvpn-api/profile');
      expect(toApp.status).toBe(302);
      const location = toApp.headers.get('location') ?? '';
      expect(location).toMatch(new RegExp(`^openvpn://import-profile/${product.frontendUrl}/download/[\\w-]+$`));

      const link = location.replace('openvpn://import-profile/', '');
      const imported = await get(link);
      const { fingerprint } = expectProfile(imported);
      const token = String(imported.headers['vpn-session-token']);
      expect(token).toMatch(SESSION_TOKEN);
      expect((await get(link)).status).toBe(410);

      const known = await head(page(), { 'VPN-Session-Token': token });
      expect(known.status).toBe(200);
      expect(known.headers['ovpn-webauth']).toBeUndefined();
      await user.post(`/api/v1/me/certificates/${fingerprint}/revocation`, {});
      const revoked = await head(page(), { 'VPN-Session-Token': token });
      expect(revoked.headers['ovpn-webauth']).toMatch(/,external$/);
      const unknown = await head(page(), { 'VPN-Session-Token': 'a'.repeat(64) });
      expect(unknown.headers['ovpn-webauth']).toMatch(/,external$/);
    });
  });
});
