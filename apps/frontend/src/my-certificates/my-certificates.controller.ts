import { CurrentUser, type Principal, Roles } from '@libs/auth';
import {
  type Page,
  PageQuery,
  type RevokedCertificateResponse,
  type RevokedCertificatesResponse,
} from '@libs/contracts';
import { Refuses } from '@libs/http';
import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { nextLink } from '../credentials/page';
import { idempotencyKeyOf } from '../issuances/idempotency';
import { IssuesProfile, Repeatable } from '../issuances/issues-certificates';
import { OwnKeyDto } from '../issuances/own-key.dto';
import { ProfileIssuer } from '../issuances/profile-issuer.service';
import { sendProfile } from '../issuances/profile-response';
import { requestContextOf } from '../issuances/request-context';
import { RevokeMineDto } from './my-certificate.dto';
import { type MyCertificateResponse, myCertificateResponse } from './my-certificate';
import { MyCertificatesService } from './my-certificates.service';
import { MyRevocations } from './my-revocations.service';

/** A person's own certificates: what there is, and the end of them. */
@ApiTags('Me')
@Controller('api/v1/me/certificates')
@Roles('user')
export class MyCertificatesController {
  constructor(
    private readonly certificates: MyCertificatesService,
    private readonly revocations: MyRevocations,
    private readonly profiles: ProfileIssuer,
  ) {}

  /** The person's certificates, newest first. */
  @Get()
  @Header('Cache-Control', 'no-store')
  async list(
    @CurrentUser() user: Principal,
    @Query() query: PageQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<MyCertificateResponse>> {
    const { items, nextCursor } = await this.certificates.list(user.userId, query);
    if (nextCursor !== null) response.set('Link', nextLink(request, nextCursor));
    return { items: items.map(myCertificateResponse), next_cursor: nextCursor };
  }

  /**
   * One certificate of the person.
   *
   * @param fingerprint SHA-256 of the certificate's DER, 64 lower-case hex digits
   */
  @Get(':fingerprint')
  @Header('Cache-Control', 'no-store')
  @Refuses(404, 'certificate_not_found')
  async read(
    @CurrentUser() user: Principal,
    @Param('fingerprint') fingerprint: string,
  ): Promise<MyCertificateResponse> {
    return myCertificateResponse(await this.certificates.read(user.userId, fingerprint));
  }

  /** Revokes all certificates of the person that still work. */
  @Post('revocations')
  @HttpCode(200)
  @Refuses(503, 'signing_unavailable')
  async revokeAll(
    @CurrentUser() user: Principal,
    @Body() { reason = 'unspecified' }: RevokeMineDto,
    @Req() request: Request,
  ): Promise<RevokedCertificatesResponse> {
    return this.revocations.revokeAll(user, reason, requestContextOf(request));
  }

  /**
   * Revokes a certificate of the person. Revoking twice answers 200 both times, with the first reason and time.
   *
   * @param fingerprint SHA-256 of the certificate's DER, 64 lower-case hex digits
   */
  @Post(':fingerprint/revocation')
  @HttpCode(200)
  @Refuses(404, 'certificate_not_found')
  @Refuses(503, 'signing_unavailable')
  async revoke(
    @CurrentUser() user: Principal,
    @Param('fingerprint') fingerprint: string,
    @Body() { reason = 'unspecified' }: RevokeMineDto,
    @Req() request: Request,
  ): Promise<RevokedCertificateResponse> {
    return this.revocations.revoke(user, fingerprint, reason, requestContextOf(request));
  }

  /**
   * Renews a certificate: a profile with the same options for the same device. The old one works until the overlap is over.
   *
   * @param fingerprint SHA-256 of the certificate's DER, 64 lower-case hex digits
   */
  @Post(':fingerprint/renewal')
  @HttpCode(200)
  @IssuesProfile()
  @Repeatable()
  @Refuses(404, 'certificate_not_found')
  @Refuses(409, 'certificate_not_renewable')
  async renew(
    @CurrentUser() user: Principal,
    @Param('fingerprint') fingerprint: string,
    @Body() { csr }: OwnKeyDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const old = await this.certificates.find(user.userId, fingerprint);
    const wish = { csr, idempotencyKey: idempotencyKeyOf(request) };
    sendProfile(response, await this.profiles.renewForUser(user, old, wish, requestContextOf(request)));
  }
}
