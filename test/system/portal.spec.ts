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

  it('keeps every state within a narrow screen', async () => {
    const { page } = browser;
    await page.setViewportSize({ width: 380, height: 800 });
    for (const state of await page.getByText('Valid', { exact: true }).all()) {
      const box = await state.boundingBox();
      expect((box?.x ?? 0) + (box?.width ?? 1_000)).toBeLessThanOrEqual(380);
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(380);
  });
});
