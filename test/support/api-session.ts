import { signIn, TestBrowser, type BrowserPage } from '@libs/testing';

/** A signed-in person who uses the API: session cookie, CSRF token, JSON. */
export class ApiSession {
  private constructor(
    readonly browser: TestBrowser,
    private readonly frontendUrl: string,
    readonly csrfToken: string,
  ) {}

  /** @param username one of the development accounts */
  static async signIn(frontendUrl: string, username: string): Promise<ApiSession> {
    const browser = new TestBrowser();
    const page = await signIn(browser, `${frontendUrl}/auth/login`, username);
    if (page.status !== 200) throw new Error(`${username} cannot sign in: ${String(page.status)} ${page.body}`);
    const me = await new ApiSession(browser, frontendUrl, '').get('/api/v1/me');
    const { csrf_token: csrfToken } = objectOf(me);
    return new ApiSession(browser, frontendUrl, String(csrfToken));
  }

  get(path: string): Promise<BrowserPage> {
    return this.browser.send(`${this.frontendUrl}${path}`, { method: 'GET', headers: { accept: 'application/json' } });
  }

  post(path: string, body: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<BrowserPage> {
    return this.browser.send(`${this.frontendUrl}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'x-csrf-token': this.csrfToken,
        ...headers,
      },
    });
  }
}

/** The answer's JSON object, or a failure that shows the answer. */
export function objectOf(page: BrowserPage): Record<string, unknown> {
  if (page.status >= 300) throw new Error(`${page.url} answered ${String(page.status)}: ${page.body}`);
  return JSON.parse(page.body) as Record<string, unknown>;
}
