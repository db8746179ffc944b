import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '@libs/auth';
import type { Response } from 'express';
import { Proofs } from './proofs.service';
import { strongEtag } from './strong-etag';

@ApiTags('log')
@Controller()
export class CheckpointController {
  constructor(private readonly proofs: Proofs) {}

  /** The latest signed tree head (C2SP tlog-checkpoint), for everybody: who watches it keeps the log honest. */
  @Public()
  @Get('checkpoint')
  @ApiOkResponse({ content: { 'text/plain': {} } })
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
