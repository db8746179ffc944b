import { Strategy, type StateStore } from 'passport-openidconnect';
import type { IdTokenClaims } from './id-token';
import { LoginError } from './login.errors';
import { codeChallenge, type LoginTransaction } from './login-transaction';
import type { OidcOptions } from './oidc-options';
import type { ProviderMetadata } from './provider-directory';

/** Tokens whose ID token has been verified. */
export interface VerifiedTokens {
  readonly idToken: string;
  readonly accessToken: string;
  /** Of the ID token, with those of the userinfo endpoint where it lacked some. */
  readonly claims: IdTokenClaims;
}

export type StrategyOutcome = { readonly redirectTo: string } | { readonly verified: VerifiedTokens };

/**
 * passport-openidconnect for a single request, with what it lacks supplied: PKCE and our own nonce in the authorization
 * request, state from the browser's login transaction, and an exchange of the code that verifies the ID token before
 * the package reads it. The package's own checks of the claims then run as a second opinion.
 */
export class OidcStrategy extends Strategy {
  constructor(
    options: OidcOptions,
    provider: ProviderMetadata,
    private readonly transaction: LoginTransaction,
    exchange: (code: string) => Promise<VerifiedTokens>,
  ) {
    super(
      {
        issuer: provider.issuer,
        authorizationURL: provider.authorizationEndpoint,
        tokenURL: provider.tokenEndpoint,
        clientID: options.clientId,
        callbackURL: options.redirectUri,
        scope: options.scopes.filter((scope) => scope !== 'openid'),
        store: stateOf(transaction),
        skipUserProfile: true,
      },
      (_issuer, _profile, _context, _idToken, _accessToken, _refreshToken, parameters, done) => {
        done(null, parameters['verified']);
      },
    );
    this._oauth2.getOAuthAccessToken = (code, _parameters, done) => {
      exchange(code)
        .then((verified) => {
          done(null, verified.accessToken, undefined, { id_token: verified.idToken, verified });
        })
        .catch((error: unknown) => {
          this.error(error instanceof Error ? error : new Error(String(error)));
        });
    };
  }

  /** Extends the authorization request; called by the package. */
  override authorizationParams(): Readonly<Record<string, string>> {
    return {
      nonce: this.transaction.nonce,
      code_challenge: codeChallenge(this.transaction.codeVerifier),
      code_challenge_method: 'S256',
    };
  }

  /** One step of the flow: an object of this class serves a single request, and says its outcome here. */
  run(query: Readonly<Record<string, string>>): Promise<StrategyOutcome> {
    return new Promise((resolve, reject) => {
      this.success = (verified) => {
        resolve({ verified: verified as VerifiedTokens });
      };
      this.redirect = (redirectTo) => {
        resolve({ redirectTo });
      };
      this.fail = (challenge) => {
        reject(new LoginError('login_token_invalid', challenge?.message ?? 'refused by passport-openidconnect'));
      };
      this.error = reject;
      this.authenticate({ query });
    });
  }
}

function stateOf(transaction: LoginTransaction): StateStore {
  return {
    store: (_request, _context, _appState, _meta, done) => {
      done(null, transaction.state);
    },
    verify: (_request, handle, done) => {
      done(null, handle === transaction.state ? { nonce: transaction.nonce } : false);
    },
  };
}
