import { Controller, Get, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { Public } from '@libs/auth';
import { Answers, Refuses } from '@libs/http';
import type { Response } from 'express';
import { Proofs } from './proofs.service';
import { IF_NONE_MATCH, strongEtag } from './strong-etag';

/** The log as its watchers read it: C2SP tlog-checkpoint and tlog-tiles. */
@ApiTags('log')
@Controller()
export class CheckpointController {
  constructor(private readonly proofs: Proofs) {}

  /** The latest signed tree head (C2SP tlog-checkpoint), for everybody: who watches it keeps the log honest. */
  @Public()
  @Get('checkpoint')
  @ApiHeader(IF_NONE_MATCH)
  @Answers(200, {
    description: 'C2SP tlog-checkpoint: a signed note of origin, size and root.',
    content: ['text/plain'],
    headers: { 'Cache-Control': 'For five seconds, by everybody.', ETag: 'Strong; another for every checkpoint.' },
  })
  @Answers(304, { description: 'It is still the one that `If-None-Match` names.' })
  @Refuses(503, 'log_unavailable')
  async checkpoint(@Res() response: Response): Promise<void> {
    const { note } = await this.proofs.checkpoint();
    response.set({
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'public, max-age=5, must-revalidate',
      ETag: strongEtag(note),
    });
    response.send(note);
  }
}
