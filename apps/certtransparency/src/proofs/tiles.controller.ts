import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { Answers, Refuses } from '@libs/http';
import type { Request, Response } from 'express';
import { READER, WRITER } from '../callers';
import { IF_NONE_MATCH, strongEtag } from './strong-etag';
import { Tiles } from './tiles';

/** Kept by whoever has a key and by no cache in between, which would hand it to everybody. */
const FOR_EVER = 'private, max-age=31536000, immutable';
const SHORTLY = 'private, max-age=60';

/**
 * Tiles of hashes and bundles of entries. They hold nothing of a private context, and yet need a key: the entries name
 * everybody who was issued a certificate.
 */
@ApiTags('log')
@ServiceCallers(READER, WRITER)
@Controller()
export class TilesController {
  constructor(private readonly tiles: Tiles) {}

  /**
   * A tile (C2SP tlog-tiles): `/tile/<L>/<N>[.p/<W>]` has hashes, `/tile/entries/<N>[.p/<W>]` entries.
   *
   * @param path `0/x001/067`, `entries/x001/067.p/12`
   */
  @ApiHeader(IF_NONE_MATCH)
  @Answers(200, {
    description: 'Hashes of 32 bytes, or entries, each with its length before it.',
    content: ['application/octet-stream'],
    headers: { 'Cache-Control': 'Of a full tile for ever, by whoever has the key.', ETag: 'Strong.' },
  })
  @Answers(304, { description: 'It is still the one that `If-None-Match` names.' })
  @Refuses(404, 'tile_not_found')
  @Refuses(503, 'log_unavailable')
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
