import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InteractionContext, interactionPolicy, Provider } from 'oidc-provider';
import { DEVELOPMENT_ACCOUNTS, DEVELOPMENT_CLIENT, type DevelopmentAccount } from './identity-provider-accounts';
import { brokenLoginPage, loginPage, logoutPage } from './identity-provider-page';

export interface IdentityProviderOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Callback URLs of the frontend, to the letter. */
  readonly redirectUris: readonly string[];
  readonly accounts?: readonly DevelopmentAccount[];
  readonly clientId?: string;
  readonly clientSecret?: string;
}

export interface RunningIdentityProvider {
  readonly issuer: string;
  readonly close: () => Promise<void>;
}

const SCOPES = ['openid', 'profile', 'email', 'groups'];
const INTERACTION = /^\/interaction\/[A-Za-z0-9_-]+$/;
const MAX_FORM_BYTES = 10_000;

/**
 * An OpenID Connect provider for a developer's machine: three known accounts, everything in memory, http on localhost.
 * It asks for the login every time, so that trying another account takes one click.
 */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<RunningIdentityProvider> {
  const server = createServer();
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://localhost:${String((server.address() as AddressInfo).port)}`;
  const accounts = options.accounts ?? DEVELOPMENT_ACCOUNTS;
  const provider = await withoutNotices(async () => {
    // Loaded late: Jest cannot load this ES module, and much that tests use imports this folder.
    const library = await import('oidc-provider');
    const policy = alwaysAsk(library.interactionPolicy);
    return new library.Provider(issuer, { ...configuration(options, accounts), ...interactions(policy) });
  });
  const protocol = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const isInteraction = INTERACTION.test(request.url ?? '');
    const answered = isInteraction ? interact(provider, accounts, request, response) : protocol(request, response);
    answered.catch((error: unknown) => {
      fail(response, error, options);
    });
  });
  return { issuer, close: () => close(server) };
}

/** The library warns that it forgets everything at its end and that it prefers another Node: here both are meant. */
async function withoutNotices<T>(work: () => Promise<T>): Promise<T> {
  const { warn } = console;
  console.warn = (...messages: unknown[]) => {
    if (!String(messages[0]).includes('oidc-provider')) warn(...messages);
  };
  try {
    return await work();
  } finally {
    console.warn = warn;
  }
}

function configuration(
  options: IdentityProviderOptions,
  accounts: readonly DevelopmentAccount[],
): Readonly<Record<string, unknown>> {
  return {
    clients: [clientOf(options)],
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    scopes: SCOPES,
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
    },
    pkce: { required: () => true },
    fetch: fetchOnThisMachine,
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { logoutSource: askWhetherToSignOut },
    },
    findAccount: (_: unknown, username: string) => accountOf(accounts, username),
    loadExistingGrant: consent,
    // A code stays good when its person signs in again in another tab.
    expiresWithSession: () => false,
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 3600, Session: 3600 },
  };
}

/** The frontend, which leads here to sign out and is told when somebody does so elsewhere. */
function clientOf({ clientId, clientSecret, redirectUris }: IdentityProviderOptions): object {
  const frontends = redirectUris.map((uri) => new URL(uri).origin);
  return {
    client_id: clientId ?? DEVELOPMENT_CLIENT.clientId,
    client_secret: clientSecret ?? DEVELOPMENT_CLIENT.clientSecret,
    redirect_uris: redirectUris,
    post_logout_redirect_uris: frontends.map((origin) => `${origin}/`),
    backchannel_logout_uri: frontends[0] && `${frontends[0]}/auth/backchannel-logout`,
    backchannel_logout_session_required: true,
    grant_types: ['authorization_code'],
    response_types: ['code'],
    id_token_signed_response_alg: 'ES256',
  };
}

/** The library refuses to call this machine, where a developer's frontend is: with the dispatcher left out, it does. */
function fetchOnThisMachine(url: string, init: RequestInit): Promise<Response> {
  Reflect.deleteProperty(init, 'dispatcher');
  return fetch(url, init);
}

function askWhetherToSignOut(context: { body: unknown }, form: string): void {
  context.body = logoutPage(form);
}

function signingKey(): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), alg: 'ES256', use: 'sig' };
}

function interactions(policy: unknown): object {
  return { interactions: { policy, url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` } };
}

function alwaysAsk({ base, Check }: typeof interactionPolicy): unknown {
  const policy = base();
  const check = new Check('each_time', 'the login is asked for each time', ({ oidc }) => !oidc.result?.login);
  policy.get('login').checks.add(check);
  return policy;
}

function accountOf(accounts: readonly DevelopmentAccount[], username: string) {
  const account = accounts.find((candidate) => candidate.username === username);
  if (!account) return undefined;
  const { name, email, groups } = account;
  const claims = { sub: username, name, preferred_username: username, email, email_verified: true, groups };
  return { accountId: username, claims: () => claims };
}

/** Every scope is granted without asking. */
async function consent({ oidc }: InteractionContext): Promise<unknown> {
  const { client, session, provider } = oidc;
  if (!client || session?.accountId === undefined) return undefined;
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
  grant.addOIDCScope(SCOPES.join(' '));
  await grant.save();
  return grant;
}

async function interact(
  provider: Provider,
  accounts: readonly DevelopmentAccount[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    page(response, 200, loginPage(accounts));
    return;
  }
  const form = await readForm(request);
  const finish = (result: Readonly<Record<string, unknown>>) =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  if (form.get('action') === 'cancel') {
    await finish({ error: 'access_denied', error_description: 'the person cancelled' });
    return;
  }
  const matches = ({ username, password }: DevelopmentAccount) =>
    username === form.get('username') && password === form.get('password');
  const account = accounts.find(matches);
  if (account) {
    await finish({ login: { accountId: account.username } });
  } else {
    const username = form.get('username') ?? '';
    page(response, 401, loginPage(accounts, { problem: 'No account has this user name and password.', username }));
  }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MAX_FORM_BYTES) throw new Error('the form is too long');
  }
  return new URLSearchParams(text);
}

function page(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(html);
}

/** Mostly a form that was left open for longer than an interaction lasts. */
function fail(response: ServerResponse, error: unknown, { redirectUris }: IdentityProviderOptions): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const reason = error instanceof Error ? error.message : 'unknown error';
  const portal = new URL('/', redirectUris[0]);
  page(response, 400, brokenLoginPage(reason, portal.href));
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
