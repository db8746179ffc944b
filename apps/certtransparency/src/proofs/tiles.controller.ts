import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import type { Request, Response } from 'express';
import { READER, WRITER } from '../callers';
import { strongEtag } from './strong-etag';
import { Tiles } from './tiles';

/** Kept by whoever has a key and by no cache in between, which would hand it to everybody. */
const FOR_EVER = 'private, max-age=31536000, immutable';
const SHORTLY = 'private, max-age=60';

/**
 * Tiles of hashes and bundles of entries. They hold nothing of a private context, and yet need a key: the entries name
 * everybody who was issued a certificate.
 */
@ApiTags('log')
@ApiBearerAuth()
@ServiceCallers(READER, WRITER)
@Controller()
export class TilesController {
  constructor(private readonly tiles: Tiles) {}

  @ApiOperation({ summary: 'C2SP tlog-tiles: /tile/<L>/<N>[.p/<W>] and /tile/entries/<N>[.p/<W>]' })
  @ApiOkResponse({ content: { 'application/octet-stream': {} } })
  @Get('tile/*path')
  async tile(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { body, isFull } = await this.tiles.file(request.path.slice(1));
    response.set({
      'Content-Type': 'application/octet-stream',
      'Cache-Control': isFull ? FOR_EVER : SHORTLY,
      ETag: strongEtag(body),
    });
    // Express answers HEAD and 304 by itself.
    response.send(body);
  }
}
