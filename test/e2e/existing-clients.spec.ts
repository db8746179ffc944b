import { signIn, TestBrowser } from '@libs/testing';
import { DataSource } from 'typeorm';
import { frontendDataSourceOptions } from '../../apps/frontend/src/database/data-source-options';
import { mintLink } from '../support/requests';
import { AskedProduct } from './support/asked-product';
import { expectProblem, expectProfile, PROFILE_TYPE } from './support/delivered';
import { get, head, waitForBrowser } from './support/existing-client';

const SESSION_TOKEN = /^[0-9a-f]{64}$/;

/** Written from "Spoken by clients that exist already" alone, as is existing-machines.spec.ts. */
describe('clients that exist already', () => {
  let product: AskedProduct;

  beforeAll(async () => {
    product = await AskedProduct.start();
  });
  afterAll(() => product.close());

  it('see whether it is well', async () => {
    const answer = await get(product.at('/health'));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toEqual({ status: 'ok' });
    expect(await head(product.at('/health'))).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  });

  describe('log in through the browser', () => {
    /** A person follows the program's link, logs in, and confirms. @returns what the program receives */
    async function login(optionset: string): Promise<URLSearchParams> {
      const program = await waitForBrowser();
      const isProgram = ({ host }: URL) => host === `localhost:${String(program.port)}`;
      const browser = new TestBrowser();
      const path = `/auth/login?cli_port=${String(program.port)}${optionset}`;
      const page = await signIn(browser, product.at(path), 'user');
      const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.body)?.[1] ?? '';
      const form = { _csrf: field('_csrf'), cli_port: field('cli_port'), optionset: field('optionset') };
      const redirect = await browser.post(product.at('/auth/cli-login'), form, isProgram);
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
      const profile = expectProfile(await get(product.at(`/download?token=${token}`)));
      if (directive === undefined) expect(profile.text).not.toContain('redirect-gateway');
      else expect(profile.text).toContain(`\n${directive}\n`);
    });
  });

  describe('download a profile', () => {
    const tokenOf = async () => (await mintLink(product.user)).replace(product.at('/download/'), '');

    it.each([
      ['/download?token=T', (token: string) => `/download?token=${token}`],
      ['/download/T', (token: string) => `/download/${token}`],
    ])('once, at %s; HEAD uses nothing', async (_, path) => {
      const token = await tokenOf();
      const url = product.at(path(token));
      const before = await product.certificates();
      for (const look of [await head(url), await head(url)]) {
        expect(look).toMatchObject({ status: 200, body: Buffer.alloc(0) });
        expect(look.headers['content-type']).toBe(PROFILE_TYPE);
        expect(look.headers['vpn-session-token']).toBeUndefined();
      }
      expect(await product.certificates()).toBe(before);
      const answer = await get(url);
      expectProfile(answer);
      expect(answer.headers['vpn-session-token']).toMatch(SESSION_TOKEN);
      expect(answer.headers['vpn-session-token']).not.toContain(token);
      expectProblem(await get(url), 410);
      expect((await head(url)).status).toBe(410);
      expect(await product.certificates()).toBe(before + 1);
    });

    it.each([
      '/download',
      '/download?token=',
      '/download?token=unknown',
      '/download/unknown',
      '/download?token=a&token=b',
    ])('not at %s: 400', async (path) => {
      expectProblem(await get(product.at(path)), 400);
      expect((await head(product.at(path))).status).toBe(400);
    });

    it("not in another user's session: 403, and the link still works", async () => {
      const url = product.at(`/download/${await tokenOf()}`);
      const cookie = Object.entries(product.admin.browser.cookies('localhost'));
      const headers = { cookie: cookie.map((pair) => pair.join('=')).join('; ') };
      expectProblem(await get(url, headers), 403);
      expectProfile(await get(url));
    });

    it('not too late: 410', async () => {
      const url = product.at(`/download/${await tokenOf()}`);
      const database = await new DataSource(frontendDataSourceOptions(product.frontendConfig)).initialize();
      await database.query(`UPDATE download_tokens SET expires_at = created_at WHERE claimed_at IS NULL`);
      await database.destroy();
      expectProblem(await get(url), 410);
      expect((await head(url)).status).toBe(410);
    });
  });

  describe('as OpenVPN Connect', () => {
    const page = () => product.at('/openvpn-api/profile');

    it('are told to open a browser, get a link for the app, and are known by its session token afterwards', async () => {
      const probe = await head(page());
      expect(probe).toMatchObject({ status: 200, body: Buffer.alloc(0) });
      expect(probe.headers['ovpn-webauth']).toMatch(/^[^,]+,external$/);

      expect(await get(page())).toMatchObject({
        status: 302,
        headers: { location: expect.stringMatching(/^\/auth\/login\?/) },
      });
      const toApp = await product.user.get('/openvpn-api/profile');
      expect(toApp.status).toBe(302);
      const location = toApp.headers.get('location') ?? '';
      expect(location).toMatch(new RegExp(`^openvpn://import-profile/${product.url}/download/[\\w-]+$`));

      const link = location.replace('openvpn://import-profile/', '');
      const imported = await get(link);
      const { fingerprint } = expectProfile(imported);
      const token = String(imported.headers['vpn-session-token']);
      expect(token).toMatch(SESSION_TOKEN);
      expect((await get(link)).status).toBe(410);

      const known = await head(page(), { 'VPN-Session-Token': token });
      expect(known.status).toBe(200);
      expect(known.headers['ovpn-webauth']).toBeUndefined();
      await product.user.post(`/api/v1/me/certificates/${fingerprint}/revocation`, {});
      const revoked = await head(page(), { 'VPN-Session-Token': token });
      expect(revoked.headers['ovpn-webauth']).toMatch(/,external$/);
      const unknown = await head(page(), { 'VPN-Session-Token': 'a'.repeat(64) });
      expect(unknown.headers['ovpn-webauth']).toMatch(/,external$/);
    });
  });
});
