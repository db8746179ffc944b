import { type AuthenticatedRequest, Public } from '@libs/auth';
import { Controller, Get, Header, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { FrontendConfig } from '../config/frontend.config';
import { ProfileIssuer } from '../issuances/profile-issuer.service';
import { MyCertificatesService } from '../my-certificates/my-certificates.service';
import { Settings } from '../settings/settings.service';
import { AdministrationPage } from './administration.page';
import { HomePage } from './home.page';
import { LandingPage } from './landing.page';
import { pageContext } from './page-context';
import { renderPage } from './render-page';

/** The start page: an invitation to sign in, or what the signed-in person can do. */
@ApiExcludeController()
@Controller()
export class PortalController {
  constructor(
    private readonly settings: Settings,
    private readonly config: FrontendConfig,
    private readonly profiles: ProfileIssuer,
    private readonly certificates: MyCertificatesService,
  ) {}

  @Public()
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  async home(@Req() request: AuthenticatedRequest): Promise<string> {
    const context = pageContext(this.settings.recent(), request);
    const { person } = context;
    if (!person) return renderPage(<LandingPage context={context} />);
    const { deployment } = this.config;
    if (deployment.serves === 'administrators')
      return renderPage(<AdministrationPage context={context} person={person} userUrl={deployment.url} />);
    const { principal } = person;
    const options = this.profiles.optionsFor(principal);
    const certificates = await this.certificates.newest(principal.userId);
    const adminUrl = deployment.serves === 'users' ? deployment.url : '';
    return renderPage(<HomePage {...{ context, person, options, certificates, adminUrl }} />);
  }
}
