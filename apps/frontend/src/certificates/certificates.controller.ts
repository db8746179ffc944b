import { CurrentUser, Roles } from '@libs/auth';
import type { Principal } from '@libs/auth';
import type { Page, RevokedCertificateResponse } from '@libs/contracts';
import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { nextLink } from '../credentials/page';
import { requestContextOf } from '../issuances/request-context';
import {
  CertificateListQuery,
  certificateResponse,
  readCertificateResponse,
  RevokeCertificateDto,
} from './certificate.dto';
import type { CertificateResponse, ReadCertificateResponse } from './certificate.dto';
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
  async read(@Param('fingerprint') fingerprint: string): Promise<ReadCertificateResponse> {
    return readCertificateResponse(await this.certificates.read(fingerprint));
  }

  /** The receipt: with it and the certificate anyone can verify offline that it stands in the log (`ct-verify receipt`). */
  @Get(':fingerprint/proof')
  @Roles('auditor')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: 'C2SP tlog-proof', type: String })
  async proof(@Param('fingerprint') fingerprint: string): Promise<string> {
    return this.certificates.proof(fingerprint);
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
