import type { AuthenticatedRequest } from '@libs/auth';
import { Injectable } from '@nestjs/common';
import type { CookieOptions, NextFunction, Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import { randomBytes } from 'node:crypto';
import { FrontendConfig } from '../config/frontend.config';
import { requestContextOf } from '../issuances/request-context';
import { UsersService } from '../users/users.service';
import { sessionIdHash, SessionStore } from './session.store';

const random = () => randomBytes(32).toString('base64url');

/** Signing in and out, and the middleware that recognises a signed-in person. */
@Injectable()
export class SessionsService {
  /** `__Host-` keeps a neighbouring host from setting the cookie; browsers take it over https alone. */
  private readonly cookieName: string;
  private readonly cookie: CookieOptions & { readonly sameSite: 'lax' };

  constructor(
    private readonly store: SessionStore,
    private readonly users: UsersService,
    private readonly config: FrontendConfig,
  ) {
    this.cookieName = `${config.usesHttps ? '__Host-' : ''}session`;
    this.cookie = { httpOnly: true, sameSite: 'lax', path: '/', secure: config.usesHttps };
  }

  /** To run before the routes, in this order: `request.session`, then `request.principal`. */
  middleware(): readonly RequestHandler[] {
    const { usesHttps, session: settings } = this.config;
    const sessions = session({
      name: this.cookieName,
      secret: [...settings.secrets],
      store: this.store,
      genid: random,
      resave: false,
      saveUninitialized: false,
      cookie: this.cookie,
    });
    const recognise: RequestHandler = (request, _response, next) => {
      this.recognise(request).then(() => {
        next();
      }, next);
    };
    return usesHttps ? [declareSecure, sessions, recognise] : [sessions, recognise];
  }

  /** Starts a session for the person under a new id: one that an attacker planted before the login is worth nothing. */
  async signIn(request: Request, userId: string, providerSessionHash: string | undefined): Promise<void> {
    const { clientAddress, userAgent } = requestContextOf(request);
    await completed((done) => request.session.regenerate(done));
    request.session.userId = userId;
    request.session.csrfToken = random();
    request.session.origin = {
      clientAddress: clientAddress ?? null,
      userAgent: userAgent ?? null,
      providerSessionHash: providerSessionHash ?? null,
    };
    await completed((done) => request.session.save(done));
  }

  /** What lists of sessions call the one that the request came with. */
  idOf(request: Request): string {
    return sessionIdHash(request.sessionID);
  }

  async signOut(request: Request, response: Response): Promise<void> {
    await completed((done) => request.session.destroy(done));
    response.clearCookie(this.cookieName, this.cookie);
  }

  private async recognise(request: AuthenticatedRequest): Promise<void> {
    const { userId } = request.session;
    const principal = userId === undefined ? undefined : await this.users.principal(userId);
    if (principal) request.principal = principal;
  }
}

/**
 * The listener itself speaks http; that browsers reach it by https is known from the public address. express-session
 * would otherwise keep back a `Secure` cookie unless every proxy is declared trusted.
 */
function declareSecure(request: Request, _response: Response, next: NextFunction): void {
  Object.defineProperty(request, 'secure', { value: true });
  next();
}

function completed(start: (done: (error: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === undefined || error === null) resolve();
      else reject(error instanceof Error ? error : new Error('the session store failed', { cause: error }));
    });
  });
}
