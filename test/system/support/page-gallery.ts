import { DEVELOPMENT_CLIENT } from '@libs/development';
import {
  startTestIdentityProvider,
  type TestDatabaseKind,
  testDatabases,
  type TestIdentityProvider,
} from '@libs/testing';
import type { Page } from 'playwright-core';
import { FakeServices } from '../../../apps/frontend/test/support/fake-services';
import { freePort, startFrontend, type TestFrontend } from '../../../apps/frontend/test/support/frontend';
import { type SignedIn, signedInAs } from '../../../apps/frontend/test/support/signed-in';
import { BrowserSession } from './browser-session';

const ROLE_GROUPS = { ROLE_SERVICE_ADMINISTRATOR_GROUPS: 'admins' };
const [sqlite] = testDatabases() as [TestDatabaseKind, ...TestDatabaseKind[]];

/** A frontend of which every page can be brought up in a browser, and one that serves administrators alone. */
export class PageGallery {
  private constructor(
    private readonly provider: TestIdentityProvider,
    readonly services: FakeServices,
    private readonly frontend: TestFrontend,
    private readonly administrators: TestFrontend,
    private readonly browser: BrowserSession,
    private readonly person: SignedIn,
  ) {}

  static async start(): Promise<PageGallery> {
    const [port, otherPort] = [await freePort(), await freePort()];
    const address = `http://localhost:${String(port)}`;
    const redirectUris = [`${address}/auth/callback`];
    const provider = await startTestIdentityProvider({ ...DEVELOPMENT_CLIENT, redirectUris });
    const services = await FakeServices.start();
    const upstreams = { FRONTEND_SIGNING_URL: services.url, FRONTEND_CT_URL: services.url };
    const variables = { ...ROLE_GROUPS, ...upstreams, FRONTEND_LOG_LEVEL: 'fatal' };
    const options = { database: sqlite, issuer: provider.issuer };
    const frontend = await startFrontend({ ...options, port, variables });
    const split = { ...variables, USER_URL_BASE: address };
    const administrators = await startFrontend({ ...options, port: otherPort, variables: split });
    const person = await signedInAs(frontend.dataSource, ['admins']);
    return new PageGallery(provider, services, frontend, administrators, await BrowserSession.start(), person);
  }

  get page(): Page {
    return this.browser.page;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.administrators.close();
    await this.frontend.close();
    await this.services.stop();
    await this.provider.close();
  }

  /** Whoever visited before has gone. */
  async visit(path: string): Promise<void> {
    await this.page.context().clearCookies();
    await this.page.goto(`${this.frontend.url}${path}`);
  }

  /** As an administrator who has profiles as well. */
  async open(path: string): Promise<void> {
    await this.come(this.frontend, this.person, path);
  }

  async openAsNewcomer(path: string): Promise<void> {
    await this.come(this.frontend, await signedInAs(this.frontend.dataSource, []), path);
  }

  async openForAdministrators(path: string): Promise<void> {
    await this.come(this.administrators, await signedInAs(this.administrators.dataSource, ['admins']), path);
  }

  /** A request of the administrator's, as the API takes it. */
  async call(route: string, body: object): Promise<Response> {
    const [method = '', path = ''] = route.split(' ');
    const answer = await fetch(`${this.frontend.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...this.person.headers, 'if-match': '"1"' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${route}: ${await answer.text()}`);
    return answer;
  }

  /** The page of a new certificate. */
  async certificate(deviceName: string): Promise<string> {
    const { headers } = await this.call('POST /api/v1/profiles', { device_name: deviceName, options: ['full-tunnel'] });
    return `/certificates/${String(headers.get('certificate-fingerprint'))}`;
  }

  /** The page of a certificate whose link was opened again after it had been fetched. */
  async stolenLink(): Promise<string> {
    const link = await this.call('POST /api/v1/profiles', { device_name: 'Phone', delivery: 'link' });
    const { url } = (await link.json()) as { readonly url: string };
    const { headers } = await fetch(url);
    await fetch(url);
    return `/certificates/${String(headers.get('certificate-fingerprint'))}`;
  }

  /** The page on which a device waits to be let in. */
  async waitingDevice(): Promise<string> {
    const form = { method: 'POST', body: new URLSearchParams({ device_name: 'build host' }) };
    const begun = await fetch(`${this.frontend.url}/api/v1/device/authorize`, form);
    const { user_code: code } = (await begun.json()) as { readonly user_code: string };
    return `/device?user_code=${code}`;
  }

  private async come({ url }: TestFrontend, { headers }: SignedIn, path: string): Promise<void> {
    const [name = '', value = ''] = (headers['cookie'] ?? '').split('=');
    const context = this.page.context();
    await context.clearCookies();
    await context.addCookies([{ name, value, url }]);
    await this.page.goto(`${url}${path}`);
  }
}
