import { Public } from '@libs/auth';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { CrlDocument } from './crl-document';
import { CrlService } from './crl.service';

const DER = 'application/pkix-crl';
const PEM = 'application/x-pem-file';

/** The revocation lists, for OpenVPN servers and everybody else. */
@ApiTags('CRL')
@Controller()
export class CrlController {
  constructor(private readonly crl: CrlService) {}

  @Get('crl')
  @Public()
  @ApiProduces(DER, PEM)
  async negotiated(@Req() request: Request, @Res() response: Response): Promise<void> {
    const asPem = request.accepts([DER, PEM]) === PEM;
    response.vary('Accept');
    send(response, asPem ? await this.crl.pem() : await this.crl.der(), asPem ? PEM : DER);
  }

  @Get('crl.pem')
  @Public()
  @ApiProduces(PEM)
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
