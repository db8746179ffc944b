import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { RevocationFeedQuery } from '@libs/contracts';
import { Answers, InvalidRequest, Refuses } from '@libs/http';
import type { Request, Response } from 'express';
import { READER, WRITER } from '../callers';
import { RevocationPages } from './revocation-pages';
import { Revocations } from './revocations';

/** The revocation feed. */
@ApiTags('revocations')
@ServiceCallers(READER, WRITER)
@Controller('api/v1/revocations')
export class RevocationsController {
  constructor(
    private readonly revocations: Revocations,
    private readonly pages: RevocationPages,
  ) {}

  /** Revocations at or after a log index, in log order: as JSON, or as text that the log signs (`Accept: text/plain`). */
  @Get()
  @Answers(200, { description: 'A page of the feed.', content: ['text/plain'], json: 'RevocationFeed' })
  @Refuses(503, 'log_unavailable')
  async feed(@Query() query: RevocationFeedQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    response.set('Cache-Control', 'no-store').vary('Accept');
    const isSigned = request.accepts(['application/json', 'text/plain']) === 'text/plain';
    refuseWhatDoesNotBelong(query, isSigned);
    if (isSigned) response.type('text/plain').send(await this.pages.page(query));
    else response.json(await this.revocations.feed(query));
  }
}

/** A signed page states that nothing is left out: there is none for one issuer. */
function refuseWhatDoesNotBelong({ issuer, extends: known }: RevocationFeedQuery, isSigned: boolean): void {
  if (isSigned && issuer !== undefined) {
    throw new InvalidRequest([{ field: 'issuer', message: 'the signed feed is one for all issuers' }]);
  }
  if (!isSigned && known !== undefined) {
    throw new InvalidRequest([{ field: 'extends', message: 'extends is for the signed feed (Accept: text/plain)' }]);
  }
}
