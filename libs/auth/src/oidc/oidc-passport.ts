import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy } from 'passport-strategy';
import type { CompletedLogin, OidcLogin } from './oidc-login';

/** What a guard hands to the strategy with `getAuthenticateOptions`. */
export interface OidcStep {
  readonly login: OidcLogin;
  /** Sends the browser to the provider when there is one, takes it back from there otherwise. */
  readonly start?: { readonly context: Readonly<Record<string, string>> };
}

type Verified = (error: Error | null, login?: CompletedLogin) => void;

/** OidcLogin as passport knows a strategy: it redirects, succeeds with a CompletedLogin, or ends with a LoginError. */
class OidcRequestStrategy extends Strategy {
  constructor(private readonly verify: (login: CompletedLogin, done: Verified) => void) {
    super();
  }

  override authenticate(request: Request, step: OidcStep): void {
    this.take(request, step).catch((error: unknown) => {
      this.error(error as Error);
    });
  }

  private async take(request: Request, { login, start }: OidcStep): Promise<void> {
    const response = request.res;
    if (response === undefined) throw new Error('the request has no response');
    response.set('Cache-Control', 'no-store');
    if (start !== undefined) {
      this.redirect(await login.start(request, response, start.context));
      return;
    }
    this.verify(await login.finish(request, response), (error, completed) => {
      if (completed === undefined) this.error(error ?? new Error('nobody was verified'));
      else this.success(completed);
    });
  }
}

/**
 * The strategy `oidc` for `AuthGuard('oidc')` of @nestjs/passport. It holds nothing of an app: passport keeps one strategy
 * per name for the whole process, so the login comes with each request.
 */
@Injectable()
export class OidcPassportStrategy extends PassportStrategy(OidcRequestStrategy, 'oidc') {
  validate(login: CompletedLogin): CompletedLogin {
    return login;
  }
}
