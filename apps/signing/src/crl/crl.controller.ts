import { ServiceCallers } from '@libs/auth';
import type { RebuiltCrlResponse } from '@libs/contracts';
import { Controller, Get, Header, HttpCode, HttpStatus, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CrlDistribution, type Representation } from './crl-distribution';
import { CrlPublisher } from './crl-publisher';

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
  async der(@Req() request: Request, @Res() response: Response): Promise<void> {
    await send(request, response, this.distribution.der());
  }

  /** The CRLs of every issuer in use and of the root, PEM. */
  @Get('crl.pem')
  @ApiProduces('application/x-pem-file')
  async pem(@Req() request: Request, @Res() response: Response): Promise<void> {
    await send(request, response, this.distribution.pem());
  }

  /** Makes new CRLs now, of every issuer in use; answers the active issuer's. */
  @Post('crl')
  @HttpCode(HttpStatus.OK)
  @Header('Cache-Control', 'no-store')
  async rebuild(): Promise<RebuiltCrlResponse> {
    const { number, thisUpdate, nextUpdate } = await this.publisher.rebuild();
    return { number: Number(number), this_update: thisUpdate.toISOString(), next_update: nextUpdate.toISOString() };
  }
}

/** Piece by piece, as fast as the caller reads: a CRL can have millions of bytes. */
async function send(request: Request, response: Response, document: Representation): Promise<void> {
  const { contentType, length, chunks, etag, lastModified } = document;
  response.set({ 'Cache-Control': 'no-cache', ETag: etag, 'Last-Modified': lastModified.toUTCString() });
  if (request.fresh) {
    response.status(HttpStatus.NOT_MODIFIED).end();
    return;
  }
  response.set({ 'Content-Type': contentType, 'Content-Length': String(length) });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  // A caller that goes away in the middle is no failure of ours, and there is nobody left to tell.
  await pipeline(Readable.from(chunks()), response).catch(() => response.destroy());
}
