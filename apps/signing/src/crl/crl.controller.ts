import { ServiceCallers } from '@libs/auth';
import { Controller, Get, Header, HttpCode, HttpStatus, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CrlDistribution, type Representation } from './crl-distribution';
import { CrlPublisher } from './crl-publisher';

/** A CRL that was made just now. */
export interface RebuiltCrl {
  readonly number: number;
  readonly this_update: string;
  readonly next_update: string;
}

@ApiTags('crl')
@ApiBearerAuth()
@ServiceCallers('frontend')
@Controller('api/v1')
export class CrlController {
  constructor(
    private readonly distribution: CrlDistribution,
    private readonly publisher: CrlPublisher,
  ) {}

  /** The CRL of the active issuer, DER. */
  @Get('crl')
  @ApiProduces('application/pkix-crl')
  der(@Res() response: Response): void {
    send(response, this.distribution.der());
  }

  /** The CRLs of every issuer in use and of the root, PEM. */
  @Get('crl.pem')
  @ApiProduces('application/x-pem-file')
  pem(@Res() response: Response): void {
    send(response, this.distribution.pem());
  }

  /** Makes a new CRL now. */
  @Post('crl')
  @HttpCode(HttpStatus.OK)
  @Header('Cache-Control', 'no-store')
  async rebuild(): Promise<RebuiltCrl> {
    const { number, thisUpdate, nextUpdate } = await this.publisher.rebuild();
    return { number: Number(number), this_update: thisUpdate.toISOString(), next_update: nextUpdate.toISOString() };
  }
}

/** Express answers HEAD and, by the validators, 304 on its own. */
function send(response: Response, { contentType, body, etag, lastModified }: Representation): void {
  response.set({
    'Content-Type': contentType,
    'Cache-Control': 'no-cache',
    ETag: etag,
    'Last-Modified': lastModified.toUTCString(),
  });
  response.send(body);
}
