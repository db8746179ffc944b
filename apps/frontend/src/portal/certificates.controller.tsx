import { type AuthenticatedRequest, CurrentUser, type Principal, Roles, SignInRequired } from '@libs/auth';
import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { idempotencyKeyOf } from '../issuances/idempotency';
import { ProfileIssuer } from '../issuances/profile-issuer.service';
import { sendProfile } from '../issuances/profile-response';
import { requestContextOf } from '../issuances/request-context';
import { RevokeMineDto } from '../my-certificates/my-certificate.dto';
import { MyCertificatesService } from '../my-certificates/my-certificates.service';
import { MyRevocations } from '../my-certificates/my-revocations.service';
import { Settings } from '../settings/settings.service';
import { CertificatePage } from './certificate.page';
import { certificatePath } from './certificate-state';
import { pageContext } from './page-context';
import { renderPage } from './render-page';

/** The page of one's own certificate, and its forms. */
@ApiExcludeController()
@Controller('certificates/:fingerprint')
@Roles('user')
export class PortalCertificatesController {
  constructor(
    private readonly settings: Settings,
    private readonly certificates: MyCertificatesService,
    private readonly revocations: MyRevocations,
    private readonly profiles: ProfileIssuer,
  ) {}

  @Get()
  async show(
    @Param('fingerprint') fingerprint: string,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    const settings = this.settings.recent();
    const context = pageContext(settings, request);
    const { person } = context;
    if (!person) throw new SignInRequired();
    const certificate = await this.certificates.read(person.principal.userId, fingerprint);
    const options = this.profiles.optionsFor(person.principal);
    const { renewal_overlap_hours: overlapHours } = settings;
    const page = <CertificatePage {...{ context, person, certificate, options, overlapHours }} />;
    response.set('Cache-Control', 'no-store').type('html').send(renderPage(page));
  }

  @Post('renewal')
  async renew(
    @CurrentUser() user: Principal,
    @Param('fingerprint') fingerprint: string,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    const old = await this.certificates.find(user.userId, fingerprint);
    const wish = { idempotencyKey: idempotencyKeyOf(request) };
    sendProfile(response, await this.profiles.renewForUser(user, old, wish, requestContextOf(request)));
  }

  @Post('revocation')
  async revoke(
    @CurrentUser() user: Principal,
    @Param('fingerprint') fingerprint: string,
    @Body() { reason = 'unspecified' }: RevokeMineDto,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    await this.revocations.revoke(user, fingerprint, reason, requestContextOf(request));
    response.set('Cache-Control', 'no-store').redirect(303, certificatePath({ fingerprint }));
  }
}
