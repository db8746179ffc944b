import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { type RevocationFeed, RevocationFeedQuery } from '@libs/contracts';
import { READER, WRITER } from '../callers';
import { Revocations } from './revocations';

@ApiTags('revocations')
@ApiBearerAuth()
@ServiceCallers(READER, WRITER)
@Controller('api/v1/revocations')
export class RevocationsController {
  constructor(private readonly revocations: Revocations) {}

  /** Revocations at or after a log index, in log order. */
  @Get()
  @Header('Cache-Control', 'no-store')
  async feed(@Query() query: RevocationFeedQuery): Promise<RevocationFeed> {
    return this.revocations.feed(query);
  }
}
