import type { BrowserPage, TestBrowser } from '@libs/testing';
import { ApiSession } from '../support/api-session';
import { CapturedOutput } from './support/captured-output';
import { TestProduct } from './support/test-product';

/** The development identity provider speaks both logouts of OpenID Connect as its authors' library does. */
describe('signing out', () => {
  let product: TestProduct;
  let output: CapturedOutput;

  beforeAll(async () => {
    output = new CapturedOutput();
    product = await TestProduct.start();
  });

  afterAll(async () => {
    await product.close();
    output.restore();
  });

  const meStatus = async (session: ApiSession) => (await session.get('/api/v1/me')).status;

  /** Says yes on the provider's page. */
  async function confirm(browser: TestBrowser, page: BrowserPage): Promise<BrowserPage> {
    const [, action = ''] = /<form[^>]* action="([^"]+)"/.exec(page.body) ?? [];
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(page.body) ?? [];
    return browser.post(action, { xsrf, logout: 'yes' });
  }

  it('leads from the portal to the provider and back', async () => {
    const session = await ApiSession.signIn(product.frontendUrl, 'user');
    const { browser, csrfToken } = session;
    const asked = await browser.post(`${product.frontendUrl}/auth/logout`, { _csrf: csrfToken });
    expect(asked.url).toContain(product.frontendConfig.oidc.issuer);
    expect(asked.body).toContain('Sign out here, too?');
    expect(await meStatus(session)).toBe(401);
    const back = await confirm(browser, asked);
    expect(back).toMatchObject({ status: 200, url: `${product.frontendUrl}/` });
    expect(back.body).toContain('Sign in');
  });

  it('at the provider ends the session here, and that of nobody else', async () => {
    const session = await ApiSession.signIn(product.frontendUrl, 'user');
    const other = await ApiSession.signIn(product.frontendUrl, 'auditor');
    const { browser } = session;
    await confirm(browser, await browser.get(`${product.frontendConfig.oidc.issuer}/session/end`));
    expect(await meStatus(session)).toBe(401);
    expect(await meStatus(other)).toBe(200);
  });

  it('leaves the token of the login in no log line', () => {
    expect(output.text()).not.toMatch(/eyJ[\w-]+\.eyJ/);
  });
});
