import { BrowserSession } from './support/browser-session';
import { RunningProduct } from './support/running-product';

describe('the portal in a browser', () => {
  let product: RunningProduct;
  let browser: BrowserSession;

  beforeAll(async () => {
    product = await RunningProduct.start();
    browser = await BrowserSession.start();
    await browser.page.goto(`${product.frontendUrl.replace('localhost', '127.0.0.1')}/`);
    await browser.page.getByRole('link', { name: 'Sign in' }).click();
    await browser.page.getByLabel('User name').fill('admin');
    await browser.page.getByLabel('Password').fill('admin');
    await browser.page.getByRole('button', { name: 'Sign in' }).click();
    await browser.page.getByRole('heading', { name: 'Hello, Ada Admin' }).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await product.stop();
  });

  const download = () => browser.download(() => browser.page.getByRole('button', { name: 'Download profile' }).click());

  it('leads a login that began under another name to the public address', () => {
    expect(browser.page.url()).toBe(`${product.frontendUrl}/`);
  });

  it('shows the certificate of every download in the list, without a reload', async () => {
    const { page } = browser;
    expect(await page.getByText('Reload this page').isVisible()).toBe(false);
    await page.evaluate('window.wasNotReloaded = true');
    for (const count of [1, 2]) {
      const { fileName } = await download();
      expect(fileName).toMatch(/\.ovpn$/);
      await page
        .locator('tbody tr')
        .nth(count - 1)
        .waitFor();
    }
    expect(await page.getByText('Valid', { exact: true }).count()).toBe(2);
    expect(await page.evaluate('window.wasNotReloaded')).toBe(true);
    expect(browser.errors).toEqual([]);
  });

  it('is used by keyboard alone: name a device, renew its profile, revoke it', async () => {
    const { page } = browser;
    await page.goto(`${product.frontendUrl}/`);
    await page.getByLabel('Device').focus();
    await page.keyboard.type('Laptop');
    await page.getByRole('button', { name: 'Download profile' }).focus();
    await browser.download(() => page.keyboard.press('Enter'));
    await page.getByRole('link', { name: 'Laptop' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Laptop' }).waitFor();
    await page.getByRole('button', { name: 'Download renewed profile' }).focus();
    const renewed = await browser.download(() => page.keyboard.press('Enter'));
    expect(renewed.text).toContain('<key>');
    await page.reload();
    await page.getByText('Works until').waitFor();
    await page.getByRole('button', { name: 'Revoke for good' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Revoked', { exact: true }).waitFor();
    expect(browser.errors).toEqual([]);
  });

  it('lets a device without a browser go on, after its code was typed', async () => {
    const { page } = browser;
    const form = { method: 'POST', body: new URLSearchParams({ device_name: 'build host' }) };
    const begun = await fetch(`${product.frontendUrl}/api/v1/device/authorize`, form);
    const { user_code: code, device_code } = (await begun.json()) as { user_code: string; device_code: string };
    await page.goto(`${product.frontendUrl}/device`);
    await page.getByLabel('Code').focus();
    await page.keyboard.type(code.toLowerCase().replace('-', ' '));
    await page.keyboard.press('Enter');
    await page.getByText('build host').waitFor();
    await page.getByRole('button', { name: 'Allow this device' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The device may go on' }).waitFor();
    const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code };
    const token = await fetch(`${product.frontendUrl}/api/v1/token`, {
      method: 'POST',
      body: new URLSearchParams(grant),
    });
    expect(await token.json()).toMatchObject({ token_type: 'Bearer' });
    expect(browser.errors).toEqual([]);
  });

  it('keeps every state within a narrow screen', async () => {
    const { page } = browser;
    await page.setViewportSize({ width: 380, height: 800 });
    await page.goto(`${product.frontendUrl}/`);
    for (const state of await page.getByText('Valid', { exact: true }).all()) {
      const box = await state.boundingBox();
      expect((box?.x ?? 0) + (box?.width ?? 1_000)).toBeLessThanOrEqual(380);
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(380);
  });
});
