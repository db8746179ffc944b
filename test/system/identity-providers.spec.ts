import { BrowserSession } from './support/browser-session';
import { LemonldapProvider } from './support/lemonldap-provider';
import { newRelyingParty, type RelyingParty } from './support/relying-party';
import { RunningProduct } from './support/running-product';

function startProduct(issuer: string, relyingParty: RelyingParty, groups: Readonly<Record<string, string>>) {
  const variables = {
    FRONTEND_PORT: String(relyingParty.frontendPort),
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: relyingParty.clientId,
    OIDC_CLIENT_SECRET: relyingParty.clientSecret,
    ...groups,
  };
  return RunningProduct.start({ variables });
}

describe('LemonLDAP::NG as identity provider', () => {
  let product: RunningProduct;
  let provider: LemonldapProvider;
  let browser: BrowserSession;

  beforeAll(async () => {
    const relyingParty = await newRelyingParty();
    provider = await LemonldapProvider.start(relyingParty);
    product = await startProduct(provider.issuer, relyingParty, { ROLE_AUDITOR_GROUPS: 'timelords' });
  });
  beforeEach(async () => { browser = await BrowserSession.start(); });
  afterEach(async () => { await browser.close(); });
  afterAll(async () => {
    await product.stop();
    await provider.stop();
  });

  it('x', async () => {
    const { page } = browser;
    await page.goto(`${product.frontendUrl}/`);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.locator('#userfield').fill('dwho');
    await page.locator('#passwordfield').fill('dwho');
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.waitForLoadState('networkidle');
    console.log(page.url(), await page.content());
    await page.locator('button[type=submit]').first().click();
    await page.waitForLoadState('networkidle');
    console.log(page.url(), await page.locator('body').innerText());
    console.log(await (await page.request.get(product.frontendUrl + '/api/v1/me')).text());
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForLoadState('networkidle');
    console.log(page.url(), await page.content());
    console.log(product.logs().slice(-3000), browser.errors);
  });
});
