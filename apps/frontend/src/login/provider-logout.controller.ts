import { LogoutTokenInvalid, OidcLogin, Public } from '@libs/auth';
import { Controller, Header, HttpCode, Logger, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request } from 'express';
import { ProviderLogouts } from '../sessions/provider-logouts.service';
import { UsersService } from '../users/users.service';

/** Where the identity provider tells that a person has been signed out (OpenID Connect Back-Channel Logout 1.0). */
@ApiExcludeController()
@Controller('auth/backchannel-logout')
export class ProviderLogoutController {
  private readonly logger = new Logger('Login');

  constructor(
    private readonly login: OidcLogin,
    private readonly users: UsersService,
    private readonly logouts: ProviderLogouts,
  ) {}

  /** The token in the form field `logout_token` is the credential. Other fields are ignored, as the standard wants it. */
  @Public()
  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async end(@Req() request: Request): Promise<void> {
    const notice = await this.login.logoutNotice(tokenIn(request.body)).catch((error: unknown) => {
      if (error instanceof LogoutTokenInvalid) this.logRefusal(error);
      throw error;
    });
    const userId = notice.subject === undefined ? undefined : await this.users.idOf(notice.issuer, notice.subject);
    const sessions = await this.logouts.end(notice, userId);
    this.logger.log({ msg: 'signed out by the identity provider', user_id: userId, sessions });
  }

  private logRefusal({ cause }: LogoutTokenInvalid): void {
    this.logger.warn({ msg: 'logout token refused', reason: cause instanceof Error ? cause.message : undefined });
  }
}

function tokenIn(body: unknown): string {
  const token: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'logout_token') : undefined;
  if (typeof token !== 'string') throw new LogoutTokenInvalid('there is no logout_token');
  return token;
}
