import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '@libs/auth';
import { Proofs } from './proofs.service';

@ApiTags('log')
@Controller()
export class CheckpointController {
  constructor(private readonly proofs: Proofs) {}

  /** The latest signed tree head (C2SP tlog-checkpoint), for everybody: who watches it keeps the log honest. */
  @Public()
  @Get('checkpoint')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Header('Cache-Control', 'no-cache')
  @ApiOkResponse({ content: { 'text/plain': {} } })
  async checkpoint(): Promise<string> {
    return (await this.proofs.checkpoint()).note;
  }
}
