import type { CookieOptions, Request, Response } from 'express';
import { readCookies } from './cookies';
import type { OidcOptions } from './oidc-options';
import { Seal } from './seal';

/** Browsers drop a cookie of more than 4,096 bytes, name and attributes included. */
const MAX_COOKIE_LENGTH = 3_800;

/** The only route that is sent the cookie. */
export const LOGOUT_PATH = '/auth/logout';

/**
 * The ID token of a login, which the provider wants to see again at the logout (OpenID Connect RP-Initiated Logout §2). It
 * is kept in the browser, encrypted, and nowhere here. One too long for a cookie is not kept: the provider then asks the
 * person whether to sign out.
 */
export class IdTokenHintCookie {
  private readonly seal: Seal;
  private readonly name: string;
  private readonly attributes: CookieOptions;

  constructor({ cookieSecrets, secureCookies }: Pick<OidcOptions, 'cookieSecrets' | 'secureCookies'>) {
    this.seal = new Seal(cookieSecrets, 'id token hint cookie');
    // The prefix __Host- would have the cookie sent with every request.
    this.name = `${secureCookies ? '__Secure-' : ''}id-token-hint`;
    this.attributes = { httpOnly: true, sameSite: 'strict', path: LOGOUT_PATH, secure: secureCookies };
  }

  set(response: Response, idToken: string): void {
    const sealed = this.seal.seal(idToken, this.name);
    if (sealed.length <= MAX_COOKIE_LENGTH) response.cookie(this.name, sealed, this.attributes);
    else response.clearCookie(this.name, this.attributes);
  }

  take(request: Request, response: Response): string | undefined {
    const sealed = readCookies(request).get(this.name);
    if (sealed === undefined) return undefined;
    response.clearCookie(this.name, this.attributes);
    return this.seal.open(sealed, this.name);
  }
}
