import { Controller, Get, Header, Param, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { type CertificateRecord, CertificateSearchQuery, IsSha256Hex, type Page } from '@libs/contracts';
import type { Request, Response } from 'express';
import { READER, WRITER } from '../callers';
import { CertificateFinder } from './certificate-finder';

export class FingerprintParameter {
  @IsSha256Hex()
  fingerprint: string;
}

@ApiTags('certificates')
@ApiBearerAuth()
@ServiceCallers(READER, WRITER)
@Controller('api/v1/certificates')
export class CertificatesController {
  constructor(private readonly certificates: CertificateFinder) {}

  /** Certificates, newest first; filters are combined. */
  @Get()
  @Header('Cache-Control', 'no-store')
  async search(
    @Query() query: CertificateSearchQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<CertificateRecord>> {
    const page = await this.certificates.search(query);
    if (page.next_cursor !== null) response.set('Link', nextLink(request, page.next_cursor));
    return page;
  }

  @Get(':fingerprint')
  @Header('Cache-Control', 'no-store')
  async one(@Param() { fingerprint }: FingerprintParameter): Promise<CertificateRecord> {
    return this.certificates.one(fingerprint);
  }
}

/** RFC 8288; relative to the request, so that it holds behind any proxy. */
function nextLink(request: Request, cursor: string): string {
  const parameters = new URLSearchParams(request.url.split('?')[1]);
  parameters.set('cursor', cursor);
  return `<?${parameters.toString()}>; rel="next"`;
}
