import { CurrentUser, Roles } from '@libs/auth';
import type { Principal } from '@libs/auth';
import type { Page, RevokedCertificateResponse } from '@libs/contracts';
import { Refuses } from '@libs/http';
import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
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

/** What the log knows about certificates, and the end of single ones. */
@ApiTags('Certificates')
@Controller('api/v1/admin/certificates')
export class CertificatesController {
  constructor(private readonly certificates: CertificatesService) {}

  /** Searches certificates, newest first; conditions that are given must all hold. */
  @Get()
  @Roles('auditor')
  @Refuses(503, 'certtransparency_unavailable')
  async search(
    @Query() query: CertificateListQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<CertificateResponse>> {
    const { items, next_cursor } = await this.certificates.search(query);
    if (next_cursor !== null) response.set('Link', nextLink(request, next_cursor));
    return { items: items.map(certificateResponse), next_cursor };
  }

  /**
   * One certificate, with its PEM.
   *
   * @param fingerprint SHA-256 of the certificate's DER, 64 lower-case hex digits
   */
  @Get(':fingerprint')
  @Roles('auditor')
  @Refuses(404, 'certificate_not_found')
  @Refuses(503, 'certtransparency_unavailable')
  async read(@Param('fingerprint') fingerprint: string): Promise<ReadCertificateResponse> {
    return readCertificateResponse(await this.certificates.read(fingerprint));
  }

  /**
   * The receipt: with it and the certificate anyone can verify offline that it stands in the log (`ct-verify receipt`).
   *
   * @param fingerprint SHA-256 of the certificate's DER, 64 lower-case hex digits
   */
  @Get(':fingerprint/proof')
  @Roles('auditor')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Refuses(404, 'certificate_not_found')
  @Refuses(503, 'certtransparency_unavailable')
  async proof(@Param('fingerprint') fingerprint: string): Promise<string> {
    return this.certificates.proof(fingerprint);
  }

  /**
   * Revokes a certificate. Revoking twice answers 200 both times, with the first reason and time.
   *
   * @param fingerprint SHA-256 of the certificate's DER, 64 lower-case hex digits
   */
  @Post(':fingerprint/revocation')
  @Roles('certificate_administrator')
  @HttpCode(200)
  @Refuses(404, 'certificate_not_found')
  @Refuses(503, 'signing_unavailable')
  async revoke(
    @Param('fingerprint') fingerprint: string,
    @Body() body: RevokeCertificateDto,
    @CurrentUser() user: Principal,
    @Req() request: Request,
  ): Promise<RevokedCertificateResponse> {
    return this.certificates.revoke(fingerprint, body, user, requestContextOf(request));
  }
}
