import { type CompletedLogin, LoginError, OidcLogin, Public } from '@libs/auth';
import { Controller, Get, Head, Header, Logger, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { PersonSessions } from '../sessions/person-sessions.service';
import { ProviderLogouts } from '../sessions/provider-logouts.service';
import { sessionOf } from '../sessions/session.store';
import { SessionsService } from '../sessions/sessions.service';
import { UsersService } from '../users/users.service';
import { afterLogin, FinishLoginGuard, StartLoginGuard } from './oidc.guards';
import { ownPath } from './own-path';

/** Signing in through the identity provider, and out. */
@ApiExcludeController()
@Controller('auth')
export class LoginController {
  private readonly logger = new Logger('Login');

  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly personSessions: PersonSessions,
    private readonly providerLogouts: ProviderLogouts,
    private readonly login: OidcLogin,
  ) {}

  /** Answers link checkers, and keeps them from using up a login or beginning one. */
  @Public()
  @Head(['login', 'callback'])
  @Header('Cache-Control', 'no-store')
  check(): void {
    return;
  }

  /** `next` leads on to a page of ours, `cli_port` and `optionset` to the confirmation for a program on the person's machine. */
  @Public()
  @UseGuards(StartLoginGuard)
  @Get('login')
  @Header('Cache-Control', 'no-store')
  start(@Req() request: Request, @Res() response: Response): void {
    response.redirect(afterLogin(request));
  }

  @Public()
  @UseGuards(FinishLoginGuard)
  @Get('callback')
  @Header('Cache-Control', 'no-store')
  async callback(
    @Req() request: Request & { readonly user: CompletedLogin },
    @Res() response: Response,
  ): Promise<void> {
    const { identity, context, ...login } = request.user;
    const { userId, hasOtherRoles } = await this.users.recordLogin(identity);
    // An id that was known when the person had fewer rights is worth nothing with more, nor with less.
    if (hasOtherRoles) await this.personSessions.endAll(userId);
    await this.sessions.signIn(request, response, { userId, providerSessionHash: login.providerSessionHash });
    if (await this.providerLogouts.includes({ ...identity, ...login })) {
      await this.sessions.signOut(request, response);
      throw new LoginError('login_ended_meanwhile', 'a logout notice about this login has come');
    }
    this.logger.log({ msg: 'signed in', user_id: userId });
    response.redirect(ownPath(context['next']));
  }

  /**
   * Ends the session here, then leads to the provider, which ends its own. Signing out twice is fine: a person without a
   * session has what they asked for.
   */
  @Public()
  @Post('logout')
  async logout(@Req() request: Request, @Res() response: Response): Promise<void> {
    const userId = sessionOf(request)?.userId;
    let next: string | undefined;
    if (userId !== undefined) {
      await this.sessions.signOut(request, response);
      this.logger.log({ msg: 'signed out', user_id: userId });
      next = await this.login.logoutUrl(request, response);
    }
    response.set('Cache-Control', 'no-store').redirect(303, next ?? '/');
  }
}
