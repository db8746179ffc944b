import type { CookieOptions, Request, Response } from 'express';
import { readCookies } from './cookies';
import { LOGIN_TRANSACTION_MS, type LoginTransaction, TransactionSeal, transactionHandle } from './login-transaction';
import type { OidcOptions } from './oidc-options';

/** More logins than this under way in one browser: the older ones are dropped, or the Cookie header would grow too long. */
const MAX_PARALLEL = 5;

/**
 * Keeps a login transaction in a cookie of its own: `HttpOnly`, `SameSite=Lax` (the provider's redirect is a top-level GET),
 * ten minutes, encrypted. The state is thereby bound to the browser, and no session is needed for a visitor.
 */
export class TransactionCookies {
  private readonly seal: TransactionSeal;
  private readonly prefix: string;
  private readonly attributes: CookieOptions;

  constructor(options: Pick<OidcOptions, 'cookieSecrets' | 'secureCookies'>) {
    this.seal = new TransactionSeal(options.cookieSecrets);
    this.prefix = `${options.secureCookies ? '__Host-' : ''}login-`;
    this.attributes = { httpOnly: true, sameSite: 'lax', path: '/', secure: options.secureCookies };
  }

  set(request: Request, response: Response, transaction: LoginTransaction): void {
    const underWay = [...readCookies(request).keys()].filter((name) => name.startsWith(this.prefix));
    if (underWay.length >= MAX_PARALLEL) underWay.forEach((name) => response.clearCookie(name, this.attributes));
    response.cookie(this.nameFor(transaction.state), this.seal.seal(transaction), {
      ...this.attributes,
      maxAge: LOGIN_TRANSACTION_MS,
    });
  }

  /** The transaction of `state`, removed from the browser whatever comes of it: a callback is good for one use. */
  take(request: Request, response: Response, state: string): LoginTransaction | undefined {
    const name = this.nameFor(state);
    const sealed = readCookies(request).get(name);
    if (sealed === undefined) return undefined;
    response.clearCookie(name, this.attributes);
    return this.seal.open(sealed, state);
  }

  private nameFor(state: string): string {
    return `${this.prefix}${transactionHandle(state)}`;
  }
}
