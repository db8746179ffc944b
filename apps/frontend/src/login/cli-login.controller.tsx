import { type AuthenticatedRequest, CurrentUser, type Principal, Roles, SignInRequired } from '@libs/auth';
import { Body, Controller, Get, Head, Header, Logger, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { DownloadTokensService } from '../download-tokens/download-tokens.service';
import { ProfileIssuer } from '../issuances/profile-issuer.service';
import { requestContextOf } from '../issuances/request-context';
import { pageContext } from '../portal/page-context';
import { renderPage } from '../portal/render-page';
import { Settings } from '../settings/settings.service';
import { type CliLogin, parseCliLogin, programAddress } from './cli-login';
import { CliLoginForm } from './cli-login.dto';
import { CliLoginPage } from './cli-login.page';

/**
 * The second half of `GET /auth/login?cli_port=N`: the program on port N gets a download token. One that can prove that it
 * is the program which asked gets it at once, and it works with that proof alone; for any other the person confirms first.
 */
@ApiExcludeController()
@Controller('auth/cli-login')
export class CliLoginController {
  private readonly logger = new Logger('CliLogin');

  constructor(
    private readonly settings: Settings,
    private readonly profiles: ProfileIssuer,
    private readonly tokens: DownloadTokensService,
  ) {}

  @Roles('user')
  @Head()
  @Header('Cache-Control', 'no-store')
  check(): void {
    return;
  }

  @Roles('user')
  @Get()
  async goOn(@Req() request: AuthenticatedRequest, @Res() response: Response): Promise<void> {
    const login = parseCliLogin(request.query);
    const context = pageContext(this.settings.recent(), request);
    const { person } = context;
    if (!person) throw new SignInRequired();
    this.profiles.checkChoice(person.principal, login.options);
    if (login.proof !== undefined) {
      await this.handOut(person.principal, login, response);
      return;
    }
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
    const login = parseCliLogin({ cli_port, optionset });
    this.profiles.checkChoice(user, login.options);
    await this.handOut(user, login, response);
  }

  private async handOut(user: Principal, login: CliLogin, response: Response): Promise<void> {
    const { port, options, proof } = login;
    const { token } = await this.tokens.mint(user, options, { codeChallenge: proof?.codeChallenge });
    this.logger.log({ msg: 'download token handed to a program', user_id: user.userId, port });
    response.set('Cache-Control', 'no-store').redirect(programAddress(login, token));
  }
}

/** Browsers apply `form-action` to where the form's answer redirects as well. */
function allowFormTarget(response: Response, { port }: CliLogin): void {
  const policy = response.getHeader('Content-Security-Policy');
  if (typeof policy !== 'string') return;
  const target = `form-action 'self' http://localhost:${String(port)}`;
  response.setHeader('Content-Security-Policy', policy.replace("form-action 'self'", target));
}
