import { Controller, Get, Header, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { type CertificateRecord, CertificateSearchQuery, IsSha256Hex, type Page } from '@libs/contracts';
import { Refuses } from '@libs/http';
import type { Request, Response } from 'express';
import { READER, WRITER } from '../callers';
import { CertificateFinder } from './certificate-finder';

export class FingerprintParameter {
  /** SHA-256 of the certificate's DER, 64 lower-case hex digits. */
  @IsSha256Hex()
  fingerprint: string;
}

/** What the log knows about certificates. */
@ApiTags('certificates')
@ServiceCallers(READER, WRITER)
@Controller('api/v1/certificates')
export class CertificatesController {
  constructor(private readonly certificates: CertificateFinder) {}

  /** Certificates, newest first; filters are combined. */
  @Get()
  @Header('Cache-Control', 'no-store')
  @Refuses(503, 'log_unavailable')
  async search(
    @Query() query: CertificateSearchQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<CertificateRecord>> {
    const page = await this.certificates.search(query);
    if (page.next_cursor !== null) response.set('Link', nextLink(request, page.next_cursor));
    return page;
  }

  /** One certificate, with its DER. */
  @Get(':fingerprint')
  @Header('Cache-Control', 'no-store')
  @Refuses(404, 'certificate_not_found')
  @Refuses(503, 'log_unavailable')
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
