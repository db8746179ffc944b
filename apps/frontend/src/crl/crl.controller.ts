import { Public } from '@libs/auth';
import { Answers, Refuses } from '@libs/http';
import { applyDecorators, Controller, Get, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { CrlDocument } from './crl-document';
import { CrlService } from './crl.service';

const DER = 'application/pkix-crl';
const PEM = 'application/x-pem-file';

const CRL_HEADERS = {
  'Cache-Control': 'Always `no-cache`.',
  ETag: 'Strong; another for every CRL.',
  'Last-Modified': 'The newest thisUpdate.',
};

/** For the API document: what a conditional GET of a CRL answers. */
const ServesCrl = (...content: readonly string[]) =>
  applyDecorators(
    ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of the CRL that is there already' }),
    Answers(200, { description: 'The CRL.', content, headers: CRL_HEADERS }),
    Answers(304, { description: 'It is still the one that the request names.' }),
    Refuses(503, 'signing_unavailable'),
  );

/** The revocation lists, for OpenVPN servers and everybody else. */
@ApiTags('CRL')
@Controller()
export class CrlController {
  constructor(private readonly crl: CrlService) {}

  /** The active issuer's CRL as DER, or with `Accept: application/x-pem-file` what `/crl.pem` answers. */
  @Get('crl')
  @Public()
  @ServesCrl(DER, PEM)
  async negotiated(@Req() request: Request, @Res() response: Response): Promise<void> {
    const asPem = request.accepts([DER, PEM]) === PEM;
    response.vary('Accept');
    send(response, asPem ? await this.crl.pem() : await this.crl.der(), asPem ? PEM : DER);
  }

  /** The CRLs of every issuer in use and of the root, for OpenVPN's `crl-verify`. */
  @Get('crl.pem')
  @Public()
  @ServesCrl(PEM)
  async bundle(@Res() response: Response): Promise<void> {
    send(response, await this.crl.pem(), PEM);
  }
}

/** Express answers 304 where the headers allow it, and HEAD without a body. */
function send(response: Response, document: CrlDocument, type: string): void {
  response
    .set('Content-Type', type)
    .set('ETag', document.etag)
    .set('Last-Modified', document.lastModified.toUTCString())
    .set('Cache-Control', 'no-cache')
    .send(document.body);
}
