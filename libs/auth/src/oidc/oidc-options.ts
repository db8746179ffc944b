import type { JWTVerifyOptions } from 'jose';

/** How the client proves itself at the token endpoint (OpenID Connect Core §9). */
export type ClientAuthentication = 'client_secret_basic' | 'client_secret_post';

export interface OidcOptions {
  /** Exactly as the provider names itself: compared byte by byte with its discovery document and ID tokens. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientAuthentication: ClientAuthentication;
  /** Absolute URL of the callback route, as registered with the provider. */
  readonly redirectUri: string;
  /** Where the provider leads the browser after a logout, as registered there; undefined: nobody is signed out there. */
  readonly postLogoutRedirectUri: string | undefined;
  /** `openid` is added when it is missing. */
  readonly scopes: readonly string[];
  /** Claim with the groups; dots lead into nested claims: see claimAt. */
  readonly groupsClaim: string;
  /** Seal the cookie between the two halves of a login: the first seals, each of them opens. */
  readonly cookieSecrets: readonly [string, ...string[]];
  /** True where the service is reached over https: the cookie is then `Secure` and `__Host-`. */
  readonly secureCookies: boolean;
  /** For each call to the provider. */
  readonly timeoutMs: number;
}

/** Asymmetric signatures only: with HS256 whoever knows the client secret could make ID tokens, and `none` is unsigned. */
export const ID_TOKEN_ALGORITHMS: NonNullable<JWTVerifyOptions['algorithms']> = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];

/** How far the provider's clock may be from ours. */
export const CLOCK_TOLERANCE_SECONDS = 30;
