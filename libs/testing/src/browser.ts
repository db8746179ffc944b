/** An answer as a browser would see it, redirects followed. */
export interface BrowserPage {
  readonly status: number;
  /** Where the last answer came from. */
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

const MAX_REDIRECTS = 20;

/** As much of a browser as a login needs: cookies by host (ports share them, as in real ones), redirects and forms. */
export class TestBrowser {
  private readonly jar = new Map<string, Map<string, string>>();

  constructor(private readonly headers: Readonly<Record<string, string>> = { accept: 'text/html' }) {}

  /** Follows redirects, except to where `stopAt` says: then the redirect itself is the answer. */
  async get(url: string, stopAt?: (target: URL) => boolean): Promise<BrowserPage> {
    return this.follow(url, { method: 'GET' }, stopAt);
  }

  async post(
    url: string,
    form: Readonly<Record<string, string>>,
    stopAt?: (target: URL) => boolean,
  ): Promise<BrowserPage> {
    return this.follow(url, { method: 'POST', body: new URLSearchParams(form) }, stopAt);
  }

  /** A single request; its redirect is the answer. */
  async send(url: string, init: RequestInit): Promise<BrowserPage> {
    const { hostname } = new URL(url);
    const cookies = [...this.cookiesOf(hostname)].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = new Headers({ ...this.headers, ...(cookies === '' ? {} : { cookie: cookies }) });
    new Headers(init.headers).forEach((value, name) => headers.set(name, value));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.remember(hostname, line);
    return { status: response.status, url, headers: response.headers, body: await response.text() };
  }

  /** The cookies that a host would be sent. */
  cookies(hostname: string): Readonly<Record<string, string>> {
    return Object.fromEntries(this.cookiesOf(hostname));
  }

  setCookie(hostname: string, name: string, value: string): void {
    this.cookiesOf(hostname).set(name, value);
  }

  private async follow(url: string, init: RequestInit, stopAt?: (target: URL) => boolean): Promise<BrowserPage> {
    let page = await this.send(url, init);
    for (let count = 0; count < MAX_REDIRECTS; count += 1) {
      const location = page.headers.get('location');
      if (page.status < 300 || page.status > 399 || location === null) return page;
      const target = new URL(location, page.url);
      if (stopAt?.(target) === true) return page;
      page = await this.send(target.href, { method: 'GET' });
    }
    throw new Error(`more than ${String(MAX_REDIRECTS)} redirects from ${url}`);
  }

  private cookiesOf(hostname: string): Map<string, string> {
    const cookies = this.jar.get(hostname) ?? new Map<string, string>();
    this.jar.set(hostname, cookies);
    return cookies;
  }

  private remember(hostname: string, line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const at = pair.indexOf('=');
    const expires = attributes.map((text) => /^ *expires=(.*)$/i.exec(text)?.[1]).find((text) => text !== undefined);
    const cookies = this.cookiesOf(hostname);
    if (expires !== undefined && Date.parse(expires) < Date.now()) cookies.delete(pair.slice(0, at));
    else cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}
