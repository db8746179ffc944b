import { DEVELOPMENT_CLIENT } from '@libs/development';
import { type BrowserPage, TestBrowser, type TestDatabaseKind } from '@libs/testing';
import { FakeServices } from './fake-services';
import { freePort, startFrontend, type TestFrontend } from './frontend';
import { ScriptedProvider } from './scripted-provider';

/** The frontend between an identity provider and the other services, all of which do what a test tells them. */
export interface SurroundedFrontend extends TestFrontend {
  readonly provider: ScriptedProvider;
  readonly services: FakeServices;
  /** Those around it do what they should again. */
  readonly reset: () => void;
  /** A browser in which somebody has signed in: Alice, unless the provider was told otherwise. */
  readonly signedIn: () => Promise<TestBrowser>;
}

/** @param variables over the test's environment */
export async function startSurroundedFrontend(
  database: TestDatabaseKind,
  variables: Readonly<Record<string, string>> = {},
): Promise<SurroundedFrontend> {
  const provider = await ScriptedProvider.start(DEVELOPMENT_CLIENT.clientId);
  const services = await FakeServices.start();
  const upstreams = { FRONTEND_SIGNING_URL: services.url, FRONTEND_CT_URL: services.url };
  const port = await freePort();
  const frontend = await startFrontend({
    ...{ database, port, issuer: provider.issuer },
    variables: { ...upstreams, ...variables },
  });
  return {
    ...frontend,
    provider,
    services,
    reset: () => {
      provider.reset();
      services.reset();
    },
    signedIn: async () => {
      const browser = new TestBrowser();
      await browser.get(`${frontend.url}/auth/login`);
      return browser;
    },
    close: async () => {
      await frontend.close();
      await services.stop();
      await provider.close();
    },
  };
}

/** The token in a page's form; empty when there is none. */
export function csrfTokenIn({ body }: BrowserPage): string {
  return /name="_csrf" value="([\w-]+)"/.exec(body)?.[1] ?? '';
}
