import { CurrentUser, Roles } from '@libs/auth';
import type { Principal } from '@libs/auth';
import type { Page, RevokedCertificateResponse } from '@libs/contracts';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { nextLink } from '../credentials/page';
import { requestContextOf } from '../issuances/request-context';
import { CertificateListQuery, certificateResponse, RevokeCertificateDto } from './certificate.dto';
import type { CertificateResponse } from './certificate.dto';
import { CertificatesService } from './certificates.service';

@ApiTags('Certificates')
@Controller('api/v1/admin/certificates')
export class CertificatesController {
  constructor(private readonly certificates: CertificatesService) {}

  @Get()
  @Roles('auditor')
  async search(
    @Query() query: CertificateListQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<CertificateResponse>> {
    const { items, next_cursor } = await this.certificates.search(query);
    if (next_cursor !== null) response.set('Link', nextLink(request, next_cursor));
    return { items: items.map(certificateResponse), next_cursor };
  }

  @Get(':fingerprint')
  @Roles('auditor')
  async read(@Param('fingerprint') fingerprint: string): Promise<CertificateResponse> {
    return certificateResponse(await this.certificates.read(fingerprint));
  }

  /** Revoking twice answers 200 both times, with the first reason and time. */
  @Post(':fingerprint/revocation')
  @Roles('certificate_administrator')
  @HttpCode(200)
  async revoke(
    @Param('fingerprint') fingerprint: string,
    @Body() body: RevokeCertificateDto,
    @CurrentUser() user: Principal,
    @Req() request: Request,
  ): Promise<RevokedCertificateResponse> {
    return this.certificates.revoke(fingerprint, body, user, requestContextOf(request));
  }
}
