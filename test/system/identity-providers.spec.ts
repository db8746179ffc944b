import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually';
import { BrowserSession } from './support/browser-session';
import { GlewlwydProvider, type GlewlwydUser } from './support/glewlwyd-provider';
import { GlewlwydVisitor } from './support/glewlwyd-visitor';
import { LemonldapProvider } from './support/lemonldap-provider';
import { newRelyingParty, productOf } from './support/relying-party';
import type { RunningProduct } from './support/running-product';

/** LemonLDAP::NG 2.16 tells the product of a logout by a frame in its own page alone, which the product does not take. */
describe('LemonLDAP::NG as identity provider', () => {
  let product: RunningProduct;
  let provider: LemonldapProvider;
  let browser: BrowserSession;

  beforeAll(async () => {
    const relyingParty = await newRelyingParty();
    provider = await LemonldapProvider.start(relyingParty);
    product = await productOf(relyingParty, provider.issuer, { ROLE_AUDITOR_GROUPS: 'timelords' });
  });

  beforeEach(async () => {
    browser = await BrowserSession.start();
  });

  afterEach(async () => {
    await browser.close();
  });

  afterAll(async () => {
    await product.stop();
    await provider.stop();
  });

  async function authenticate(page: Page, user: string): Promise<void> {
    await page.goto(`${product.frontendUrl}/`);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.locator('#userfield').fill(user);
    await page.locator('#passwordfield').fill(user);
    await page.getByRole('button', { name: 'Connect' }).click();
  }

  /** The provider asks once whether the product may know the person, and remembers a yes. */
  async function signIn(page: Page, user: string): Promise<void> {
    await authenticate(page, user);
    const accept = page.getByRole('button', { name: 'Accept' });
    const signOut = page.getByRole('button', { name: 'Sign out' });
    await accept.or(signOut).waitFor();
    if (await accept.isVisible()) await accept.click();
    await signOut.waitFor();
  }

  const me = async ({ request }: Page) => (await request.get(`${product.frontendUrl}/api/v1/me`)).json() as unknown;

  it('signs a person in, with name, e-mail address and groups out of its userinfo', async () => {
    await signIn(browser.page, 'rtyler');
    expect(await me(browser.page)).toMatchObject({
      name: 'Rose Tyler',
      email: 'rtyler@badwolf.org',
      groups: expect.arrayContaining(['earthlings', 'users']) as unknown,
      roles: ['user'],
    });
  });

  it('gives a role by a group', async () => {
    await signIn(browser.page, 'dwho');
    expect(await me(browser.page)).toMatchObject({ roles: ['user', 'auditor'] });
  });

  it('gives a role by a group in one text, when it is set to send that', async () => {
    await provider.restart({ groupsVariable: 'groups;string;never' });
    await signIn(browser.page, 'dwho');
    expect(await me(browser.page)).toMatchObject({
      groups: expect.arrayContaining(['timelords', 'users']) as unknown,
      roles: ['user', 'auditor'],
    });
  });

  it('leads a person who refuses to a page that says so, and from there to another try', async () => {
    const { page } = browser;
    await authenticate(page, 'msmith');
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByText('You cancelled the login').waitFor();
    await page.goto(`${product.frontendUrl}/auth/login`);
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.getByRole('heading', { name: 'Hello, Mickey Smith' }).waitFor();
  });

  it('is signed out of with the product, after it has asked', async () => {
    const { page } = browser;
    await signIn(page, 'dwho');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.waitForURL(`${product.frontendUrl}/`);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.locator('#passwordfield').waitFor();
    expect(browser.errors).toEqual([]);
  });

  it('refuses a product whose secret it does not know: a page sends to the administrator, the log says why', async () => {
    await provider.restart({ clientSecret: 'another-secret-of-the-client-0000' });
    const { page } = browser;
    await authenticate(page, 'msmith');
    await page.getByText('The identity provider refused the login. Please tell your administrator').waitFor();
    await eventually(() => product.logs().includes('the token endpoint answered 401 invalid_client'));
  });
});

/** Glewlwyd's pages leave a person who does not want to sign in no way back to the product. */
describe('Glewlwyd as identity provider', () => {
  const account = (username: string, groups: readonly string[]): GlewlwydUser => ({
    username,
    name: username.toUpperCase(),
    email: `${username}@example.org`,
    password: `password-of-${username}`,
    groups,
  });
  const [auditor, colleague] = [account('olga', ['staff', 'vpn-auditors']), account('nils', ['staff'])];
  let product: RunningProduct;
  let provider: GlewlwydProvider;
  let person: GlewlwydVisitor;

  beforeAll(async () => {
    const relyingParty = await newRelyingParty();
    provider = await GlewlwydProvider.start(relyingParty, [auditor, colleague]);
    product = await productOf(relyingParty, provider.issuer, { ROLE_AUDITOR_GROUPS: 'vpn-auditors' });
  });

  beforeEach(async () => {
    person = await GlewlwydVisitor.arrive(provider, product.frontendUrl);
  });

  afterEach(async () => {
    await person.leave();
  });

  afterAll(async () => {
    await product.stop();
    await provider.stop();
  });

  it('signs a person in, and gives a role by a group of several', async () => {
    expect((await person.signIn(auditor)).url()).toBe(`${product.frontendUrl}/`);
    expect(await (await person.me()).json()).toMatchObject({
      name: 'OLGA',
      email: 'olga@example.org',
      groups: ['staff', 'vpn-auditors'],
      roles: ['user', 'auditor'],
    });
  });

  it('gives no role to a person in none of its groups', async () => {
    await person.signIn(colleague);
    expect(await (await person.me()).json()).toMatchObject({ groups: ['staff'], roles: ['user'] });
  });

  it('is asked to sign out a person who signs out here, and knows where to lead them then', async () => {
    await person.signIn(auditor);
    const asked = await person.signOut();
    expect((await person.me()).status()).toBe(401);
    expect(asked.get('prompt')).toBe('end_session');
    expect(asked.get('callback_url')).toBe(`${product.frontendUrl}/`);
  });

  it('signs a person out here who ends the session there, and nobody else', async () => {
    const other = await GlewlwydVisitor.arrive(provider, product.frontendUrl);
    await other.signIn(colleague);
    await person.signIn(auditor);
    await person.endSession();
    await eventually(async () => (await person.me()).status() === 401);
    expect((await other.me()).status()).toBe(200);
    await other.leave();
  });

  it('refuses a product whose secret it does not know: a page sends to the administrator, the log says why', async () => {
    await provider.replaceClientSecret('another-secret-of-the-client-0000');
    const answer = await person.signIn(auditor);
    expect(answer.status()).toBe(502);
    expect(await answer.text()).toContain('The identity provider refused the login. Please tell your administrator');
    await eventually(() => product.logs().includes('the token endpoint answered 403 unauthorized_client'));
  });
});
