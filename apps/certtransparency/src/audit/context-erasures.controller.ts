import { Body, Controller, Header, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { Refuses } from '@libs/http';
import { ERASER } from '../callers';
import { ContextErasures } from './context-erasures';
import { ContextErasureRequest, type ContextErasureResponse } from './context-erasures.dto';

/** Private contexts: who asked and from where, which is kept beside the log and can be erased. */
@ApiTags('private contexts')
@ServiceCallers(ERASER)
@Controller('api/v1/context-erasures')
export class ContextErasuresController {
  constructor(private readonly erasures: ContextErasures) {}

  /** Erases what is known about who asked and from where. Not to be undone, and recorded for ever. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @Refuses(503, 'log_unavailable')
  async erase(@Body() request: ContextErasureRequest): Promise<ContextErasureResponse> {
    return this.erasures.erase(request);
  }
}
