import { ServiceCallers } from '@libs/auth';
import type { RebuiltCrlResponse } from '@libs/contracts';
import { Answers, Refuses } from '@libs/http';
import { applyDecorators, Controller, Get, Header, HttpCode, HttpStatus, Post, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CrlDistribution, type Representation } from './crl-distribution';
import { CrlPublisher } from './crl-publisher';

const CRL_HEADERS = {
  'Cache-Control': 'Always `no-cache`.',
  ETag: 'Strong; another for every CRL.',
  'Last-Modified': 'The newest thisUpdate.',
};

/** For the API document: what a conditional GET of a CRL answers. */
const ServesCrl = (mediaType: string) =>
  applyDecorators(
    ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of the CRL that is there already' }),
    Answers(200, { description: 'The CRL.', content: [mediaType], headers: CRL_HEADERS }),
    Answers(304, { description: 'It is still the one that the request names.' }),
    Refuses(503, 'crl_not_available'),
  );

/** The CRLs, as they were published last. */
@ApiTags('crl')
@ServiceCallers('frontend')
@Controller('api/v1')
export class CrlController {
  constructor(
    private readonly distribution: CrlDistribution,
    private readonly publisher: CrlPublisher,
  ) {}

  /** The CRL of the active issuer, DER. */
  @Get('crl')
  @ServesCrl('application/pkix-crl')
  async der(@Req() request: Request, @Res() response: Response): Promise<void> {
    await send(request, response, this.distribution.der());
  }

  /** The CRLs of every issuer in use and of the root, PEM. */
  @Get('crl.pem')
  @ServesCrl('application/x-pem-file')
  async pem(@Req() request: Request, @Res() response: Response): Promise<void> {
    await send(request, response, this.distribution.pem());
  }

  /** Makes new CRLs now, of every issuer in use; answers the active issuer's. */
  @Post('crl')
  @HttpCode(HttpStatus.OK)
  @Header('Cache-Control', 'no-store')
  @Refuses(502, 'log_refused_entry')
  @Refuses(503, 'certtransparency_unavailable', 'log_receipt_not_verified')
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
