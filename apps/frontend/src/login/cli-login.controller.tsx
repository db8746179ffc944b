import { type AuthenticatedRequest, CurrentUser, type Principal, Roles, SignInRequired } from '@libs/auth';
import { Body, Controller, Get, Logger, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { FrontendConfig } from '../config/frontend.config';
import { DownloadTokensService } from '../download-tokens/download-tokens.service';
import { ProfileIssuer } from '../issuances/profile-issuer.service';
import { requestContextOf } from '../issuances/request-context';
import { pageContext } from '../portal/page-context';
import { renderPage } from '../portal/render-page';
import { type CliLogin, parseCliLogin } from './cli-login';
import { CliLoginForm } from './cli-login.dto';
import { CliLoginPage } from './cli-login.page';

/** The second half of `GET /auth/login?cli_port=N`: the person confirms, and the program on port N gets a download token. */
@ApiExcludeController()
@Controller('auth/cli-login')
export class CliLoginController {
  private readonly logger = new Logger('CliLogin');

  constructor(
    private readonly config: FrontendConfig,
    private readonly profiles: ProfileIssuer,
    private readonly tokens: DownloadTokensService,
  ) {}

  @Roles('user')
  @Get()
  ask(@Req() request: AuthenticatedRequest, @Res() response: Response): void {
    const login = parseCliLogin(request.query);
    const context = pageContext(this.config.siteName, request);
    const { person } = context;
    if (!person) throw new SignInRequired();
    this.profiles.checkChoice(person.principal, login.options);
    const { clientAddress, userAgent } = requestContextOf(request);
    const labels = this.profiles.optionsFor(person.principal).filter(({ id }) => login.options.includes(id));
    const page = (
      <CliLoginPage
        context={context}
        person={person}
        login={login}
        optionLabels={labels.map(({ label }) => label)}
        address={clientAddress ?? 'unknown'}
        device={userAgent ?? 'unknown'}
      />
    );
    allowFormTarget(response, login);
    response.set('Cache-Control', 'no-store').type('html').send(renderPage(page));
  }

  @Roles('user')
  @Post()
  async confirm(
    @CurrentUser() user: Principal,
    @Body() { cli_port, optionset }: CliLoginForm,
    @Res() response: Response,
  ): Promise<void> {
    const { port, options } = parseCliLogin({ cli_port, optionset });
    this.profiles.checkChoice(user, options);
    const { token } = await this.tokens.mint(user, options);
    this.logger.log({ msg: 'download token handed to a program', user_id: user.userId, port });
    response.set('Cache-Control', 'no-store').redirect(`http://localhost:${String(port)}?token=${token}`);
  }
}

/** Browsers apply `form-action` to where the form's answer redirects as well. */
function allowFormTarget(response: Response, { port }: CliLogin): void {
  const policy = response.getHeader('Content-Security-Policy');
  if (typeof policy !== 'string') return;
  const target = `form-action 'self' http://localhost:${String(port)}`;
  response.setHeader('Content-Security-Policy', policy.replace("form-action 'self'", target));
}
