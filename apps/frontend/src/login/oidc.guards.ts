import { type CompletedLogin, LoginError, OidcLogin, type OidcStep } from '@libs/auth';
import { type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { sessionOf } from '../sessions/session.store';
import { cliLoginPath } from './cli-login';
import { ownPath } from './own-path';

/** Where the browser goes after the login: to the confirmation for a program that asked, or to a page of ours. */
export function afterLogin(request: Request): string {
  return cliLoginPath(request.query) ?? ownPath(request.query['next']);
}

/** Sends a browser that is not signed in to the provider; the route runs for one that is. */
@Injectable()
export class StartLoginGuard extends AuthGuard('oidc') {
  constructor(private readonly login: OidcLogin) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const session = sessionOf(context.switchToHttp().getRequest<Request>());
    return session?.userId !== undefined || Boolean(await super.canActivate(context));
  }

  override getAuthenticateOptions(context: ExecutionContext): OidcStep & { readonly session: false } {
    const next = afterLogin(context.switchToHttp().getRequest<Request>());
    return { login: this.login, start: { context: { next } }, session: false };
  }
}

/** Takes the browser back from the provider: the route finds a CompletedLogin as `request.user`. */
@Injectable()
export class FinishLoginGuard extends AuthGuard('oidc') {
  private readonly logger = new Logger('Login');

  constructor(private readonly login: OidcLogin) {
    super();
  }

  override getAuthenticateOptions(): OidcStep & { readonly session: false } {
    return { login: this.login, session: false };
  }

  override handleRequest<T = CompletedLogin>(error: unknown, login: T | false | undefined): T {
    if (login !== undefined && login !== false && !error) return login;
    const failure =
      error instanceof Error ? error : new LoginError('login_token_invalid', 'the strategy answered nobody');
    this.logFailure(failure);
    throw failure;
  }

  /** The person reads what to do; why it failed is for whoever runs the service. */
  private logFailure(error: Error): void {
    if (!(error instanceof LoginError)) return;
    const reason = error.cause instanceof Error ? error.cause.message : undefined;
    this.logger.warn({ msg: 'login failed', code: error.code, reason });
  }
}
