import type { AuthenticatedRequest } from '@libs/auth';
import { Injectable } from '@nestjs/common';
import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import { randomBytes } from 'node:crypto';
import { FrontendConfig } from '../config/frontend.config';
import { requestContextOf } from '../issuances/request-context';
import { UsersService } from '../users/users.service';
import { sessionIdHash, sessionOf, SessionStore } from './session.store';

const random = () => randomBytes(32).toString('base64url');

/** Signing in and out, and the middleware that recognises a signed-in person. */
@Injectable()
export class SessionsService {
  /** `__Host-` keeps a neighbouring host from setting the cookie; browsers take it over https alone. */
  private readonly cookieName: string;
  private readonly cookie: CookieOptions & { readonly sameSite: 'lax' };
  private readonly sessions: RequestHandler;

  constructor(
    private readonly store: SessionStore,
    private readonly users: UsersService,
    private readonly config: FrontendConfig,
  ) {
    this.cookieName = `${config.usesHttps ? '__Host-' : ''}session`;
    this.cookie = { httpOnly: true, sameSite: 'lax', path: '/', secure: config.usesHttps };
    this.sessions = session({
      name: this.cookieName,
      secret: [...config.session.secrets],
      store: this.store,
      genid: random,
      resave: false,
      saveUninitialized: false,
      cookie: this.cookie,
    });
  }

  /**
   * To run before the routes: `request.session` and `request.principal`, where the request came with a session's cookie.
   * Programs come without one, and are not made to pay for a session that nobody begins.
   */
  middleware(): RequestHandler {
    return (request, response, next) => {
      if (request.headers.cookie?.includes(`${this.cookieName}=`) !== true) {
        next();
        return;
      }
      this.recognise(request, response).then(() => {
        next();
      }, next);
    };
  }

  /** Starts a session for the person under a new id: one that an attacker planted before the login is worth nothing. */
  async signIn(
    request: Request,
    response: Response,
    { userId, providerSessionHash }: { readonly userId: string; readonly providerSessionHash: string | undefined },
  ): Promise<void> {
    const { clientAddress, userAgent } = requestContextOf(request);
    if (sessionOf(request) === undefined) await this.open(request, response);
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

  /** What lists of sessions call the one that the request came with; undefined where it came with none. */
  idOf(request: Request): string | undefined {
    return sessionOf(request) && sessionIdHash(request.sessionID);
  }

  async signOut(request: Request, response: Response): Promise<void> {
    await completed((done) => request.session.destroy(done));
    response.clearCookie(this.cookieName, this.cookie);
  }

  private async recognise(request: AuthenticatedRequest, response: Response): Promise<void> {
    await this.open(request, response);
    const { userId } = request.session;
    const principal = userId === undefined ? undefined : await this.users.principal(userId);
    if (principal) request.principal = principal;
  }

  /** Gives the request its session, an empty one where the cookie names none that goes on. */
  private async open(request: Request, response: Response): Promise<void> {
    // The listener itself speaks http; that browsers reach it by https is known from the public address. express-session
    // would otherwise keep back a `Secure` cookie unless every proxy is declared trusted.
    if (this.config.usesHttps) Object.defineProperty(request, 'secure', { value: true });
    await completed((done) => {
      this.sessions(request, response, done);
    });
  }
}

function completed(start: (done: (error: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === undefined || error === null) resolve();
      else reject(error instanceof Error ? error : new Error('the session store failed', { cause: error }));
    });
  });
}
