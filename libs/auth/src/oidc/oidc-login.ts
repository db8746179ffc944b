import type { Clock } from '@libs/http';
import type { Request, Response } from 'express';
import { claimAt } from '../groups';
import { type IdTokenClaims, verifyIdToken } from './id-token';
import { IdTokenHintCookie } from './id-token-hint';
import { type ProviderLogoutNotice, providerSessionHash, verifyLogoutToken } from './logout-token';
import { LoginError } from './login.errors';
import { type LoginTransaction, newLoginTransaction } from './login-transaction';
import { identityOf, type OidcIdentity } from './oidc-identity';
import type { OidcOptions } from './oidc-options';
import { OidcStrategy, type VerifiedTokens } from './oidc.strategy';
import { ProviderDirectory, type ProviderMetadata } from './provider-directory';
import { fetchJson } from './provider-fetch';
import { redeemCode } from './token-endpoint';
import { TransactionCookies } from './transaction-cookies';

export interface CompletedLogin {
  readonly identity: OidcIdentity;
  /** Hash of the provider's own session, as logout notices name it; undefined where the provider names none. */
  readonly providerSessionHash: string | undefined;
  /** When the provider made the ID token; in whole seconds. */
  readonly issuedAt: Date;
  /** As given to `start`. */
  readonly context: Readonly<Record<string, string>>;
}

/**
 * Login by OpenID Connect's authorization code flow with PKCE: `start` sends the browser to the provider, `finish` takes
 * it back at the callback route. All that an app needs; every failure is a LoginError.
 */
export class OidcLogin {
  private readonly directory: ProviderDirectory;
  private readonly cookies: TransactionCookies;
  private readonly hints: IdTokenHintCookie;

  constructor(
    private readonly options: OidcOptions,
    private readonly clock: Clock,
  ) {
    this.directory = new ProviderDirectory(options);
    this.cookies = new TransactionCookies(options);
    this.hints = new IdTokenHintCookie(options);
  }

  /**
   * Sets the cookie of this login and answers where the browser goes.
   *
   * @param context handed back by `finish`; it travels encrypted in the cookie, so keep it short
   */
  async start(request: Request, response: Response, context: Readonly<Record<string, string>>): Promise<string> {
    const provider = await this.directory.metadata();
    const transaction = newLoginTransaction(this.clock.now(), context);
    const outcome = await this.strategy(provider, transaction).run({});
    if (!('redirectTo' in outcome)) throw new Error('the strategy did not redirect');
    this.cookies.set(request, response, transaction);
    return outcome.redirectTo;
  }

  /** Answers the person who has signed in, given the request that the provider sent the browser back with. */
  async finish(request: Request, response: Response): Promise<CompletedLogin> {
    const state = parameter(request, 'state') ?? '';
    const transaction = this.cookies.take(request, response, state);
    if (!transaction) throw new LoginError('login_state_unknown', 'no cookie of this browser holds the state');
    if (transaction.expiresAt <= this.clock.now().getTime()) {
      throw new LoginError('login_state_expired', 'the login transaction has expired');
    }
    const issuer = parameter(request, 'iss');
    if (issuer !== undefined && issuer !== this.options.issuer) {
      throw new LoginError('login_token_invalid', 'the callback names another issuer (RFC 9207)');
    }
    const code = authorizationCode(request);
    const provider = await this.directory.metadata();
    const outcome = await this.strategy(provider, transaction).run({ code, state });
    if (!('verified' in outcome)) throw new Error('the strategy did not authenticate');
    const { claims, idToken } = outcome.verified;
    if (this.options.postLogoutRedirectUri !== undefined) this.hints.set(response, idToken);
    const { sid } = claims;
    return {
      identity: identityOf(provider.issuer, claims, this.options.groupsClaim),
      providerSessionHash: typeof sid === 'string' ? providerSessionHash(provider.issuer, sid) : undefined,
      issuedAt: new Date((claims.iat ?? 0) * 1000),
      context: transaction.context,
    };
  }

  /**
   * Where the browser goes to be signed out at the provider as well (OpenID Connect RP-Initiated Logout §2).
   *
   * @returns undefined when the provider has no such place, is not to be asked, or does not answer
   */
  async logoutUrl(request: Request, response: Response): Promise<string | undefined> {
    const { clientId, postLogoutRedirectUri } = this.options;
    const hint = this.hints.take(request, response);
    if (postLogoutRedirectUri === undefined) return undefined;
    const provider = await this.directory.metadata().catch(() => undefined);
    if (provider?.endSessionEndpoint === undefined) return undefined;
    const url = new URL(provider.endSessionEndpoint);
    url.searchParams.set('client_id', clientId);
    url.searchParams.set('post_logout_redirect_uri', postLogoutRedirectUri);
    if (hint !== undefined) url.searchParams.set('id_token_hint', hint);
    return url.href;
  }

  /** Where forms that sign out may lead, as far as is known yet; undefined: to this service alone. */
  get logoutOrigin(): string | undefined {
    const endpoint = this.directory.known?.endSessionEndpoint;
    const isUsed = this.options.postLogoutRedirectUri !== undefined && endpoint !== undefined;
    return isUsed ? new URL(endpoint).origin : undefined;
  }

  /** Asks the provider about itself ahead of the first login. @throws LoginError */
  async discover(): Promise<void> {
    await this.directory.metadata();
  }

  /** @throws LogoutTokenInvalid, or LoginError `login_provider_unavailable` when its keys cannot be had */
  async logoutNotice(token: string): Promise<ProviderLogoutNotice> {
    const provider = await this.directory.metadata();
    const { clientId } = this.options;
    const expected = { issuer: provider.issuer, clientId, now: this.clock.now() };
    return verifyLogoutToken(token, this.directory.keySet(provider, 'logout'), expected);
  }

  private strategy(provider: ProviderMetadata, transaction: LoginTransaction): OidcStrategy {
    const exchange = (code: string) => this.exchange(provider, transaction, code);
    return new OidcStrategy(this.options, provider, transaction, exchange);
  }

  private async exchange(
    provider: ProviderMetadata,
    transaction: LoginTransaction,
    code: string,
  ): Promise<VerifiedTokens> {
    const tokens = await redeemCode(this.options, provider.tokenEndpoint, code, transaction.codeVerifier);
    const claims = await verifyIdToken(tokens.idToken, this.directory.keySet(provider, 'login'), {
      issuer: provider.issuer,
      clientId: this.options.clientId,
      nonce: transaction.nonce,
      now: this.clock.now(),
    });
    return { ...tokens, claims: await this.withUserinfo(provider, tokens.accessToken, claims) };
  }

  /** Many providers keep the ID token small: what it lacks is asked for (OpenID Connect Core §5.3). */
  private async withUserinfo(
    { userinfoEndpoint }: ProviderMetadata,
    accessToken: string,
    claims: IdTokenClaims,
  ): Promise<IdTokenClaims> {
    const wanted = [this.options.groupsClaim, 'email', 'name'];
    const complete = wanted.every((name) => claimAt(claims, name) !== undefined);
    if (complete || userinfoEndpoint === undefined) return claims;
    const init = { method: 'GET', headers: { authorization: `Bearer ${accessToken}` } };
    const { status, body } = await fetchJson(userinfoEndpoint, init, this.options.timeoutMs);
    if (status !== 200) throw new LoginError('login_provider_refused', `userinfo answered ${String(status)}`);
    if (body['sub'] !== claims.sub) throw new LoginError('login_token_invalid', 'userinfo is about another subject');
    return { ...body, ...claims };
  }
}

/** A query parameter that came exactly once. */
function parameter(request: Request, name: string): string | undefined {
  const value = request.query[name];
  return typeof value === 'string' ? value : undefined;
}

function authorizationCode(request: Request): string {
  const error = parameter(request, 'error');
  const code = parameter(request, 'code');
  if (error === undefined && code !== undefined && code !== '') return code;
  switch (error) {
    case undefined:
      throw new LoginError('login_state_unknown', 'the callback carries neither code nor error');
    // Some providers say the second when the person withholds consent, and not only where they were not to ask.
    case 'access_denied':
    case 'consent_required':
      throw new LoginError('login_cancelled', error);
    case 'server_error':
    case 'temporarily_unavailable':
      throw new LoginError('login_provider_unavailable', error);
    default:
      throw new LoginError('login_provider_refused', error.slice(0, 80));
  }
}
