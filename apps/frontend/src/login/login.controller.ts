import { LoginError, OidcLogin, Public } from '@libs/auth';
import { Controller, Get, Head, Header, Logger, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { SessionsService } from '../sessions/sessions.service';
import { UsersService } from '../users/users.service';
import { cliLoginPath } from './cli-login';
import { ownPath } from './own-path';

/** Signing in through the identity provider, and out. */
@ApiExcludeController()
@Controller('auth')
export class LoginController {
  private readonly logger = new Logger('Login');

  constructor(
    private readonly oidc: OidcLogin,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
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
  @Get('login')
  async login(@Req() request: Request, @Res() response: Response): Promise<void> {
    const next = cliLoginPath(request.query) ?? ownPath(request.query['next']);
    const target = request.session.userId === undefined ? await this.oidc.start(request, response, { next }) : next;
    response.set('Cache-Control', 'no-store').redirect(target);
  }

  @Public()
  @Get('callback')
  async callback(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { identity, context } = await this.oidc.finish(request, response).catch((error: unknown) => {
      this.logFailure(error);
      throw error;
    });
    const userId = await this.users.recordLogin(identity);
    await this.sessions.signIn(request, userId);
    this.logger.log({ msg: 'signed in', user_id: userId });
    response.set('Cache-Control', 'no-store').redirect(ownPath(context['next']));
  }

  /** Signing out twice is fine: a person without a session has what they asked for. */
  @Public()
  @Post('logout')
  async logout(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { userId } = request.session;
    if (userId !== undefined) {
      await this.sessions.signOut(request, response);
      this.logger.log({ msg: 'signed out', user_id: userId });
    }
    response.set('Cache-Control', 'no-store').redirect(303, '/');
  }

  /** The person reads what to do; why it failed is for whoever runs the service. */
  private logFailure(error: unknown): void {
    if (!(error instanceof LoginError)) return;
    const reason = error.cause instanceof Error ? error.cause.message : undefined;
    this.logger.warn({ msg: 'login failed', code: error.code, reason });
  }
}
