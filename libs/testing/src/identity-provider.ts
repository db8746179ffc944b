import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DEVELOPMENT_ACCOUNTS, type IdentityProviderOptions } from '@libs/development';
import type { BrowserPage, TestBrowser } from './browser';

export interface TestIdentityProvider {
  readonly issuer: string;
  readonly close: () => Promise<void>;
}

const ENTRY = join(__dirname, '../../development/src/identity-provider.process.ts');

/** The development identity provider in a process of its own, on a free port unless one is given: Jest cannot load it. */
export async function startTestIdentityProvider(
  options: Omit<IdentityProviderOptions, 'port'> & Partial<Pick<IdentityProviderOptions, 'port'>>,
): Promise<TestIdentityProvider> {
  const child = fork(ENTRY, [JSON.stringify({ port: 0, ...options })], {
    execArgv: ['--require', 'ts-node/register/transpile-only'],
    env: { ...process.env, TS_NODE_SWC: 'true' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  // A test that fails half-way must not keep Jest waiting; the child ends once the channel is gone.
  child.unref();
  child.channel?.unref();
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += String(chunk);
  });
  const exited = once(child, 'exit');
  const started = once(child, 'message').then(([message]) => (message as { issuer: string }).issuer);
  const failed = exited.then(() => Promise.reject(new Error(`the identity provider did not start: ${errors}`)));
  const issuer = await Promise.race([started, failed]);
  failed.catch(() => undefined);
  return {
    issuer,
    close: async () => {
      child.disconnect();
      await exited;
    },
  };
}

/**
 * Goes through a login as a person with one of the development accounts would.
 *
 * @param loginUrl the service's login route; query parameters are its own
 * @param stopAt see TestBrowser.get
 * @returns the page that the service shows after the login
 */
export async function signIn(
  browser: TestBrowser,
  loginUrl: string,
  username: string,
  stopAt?: (target: URL) => boolean,
): Promise<BrowserPage> {
  const account = DEVELOPMENT_ACCOUNTS.find((candidate) => candidate.username === username);
  const form = await browser.get(loginUrl);
  const fields = { username, password: account?.password ?? username, action: 'login' };
  return browser.post(form.url, fields, stopAt);
}
