import { Body, Controller, Header, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { ERASER } from '../callers';
import { ContextErasures } from './context-erasures';
import { ContextErasureRequest, ContextErasureResponse } from './context-erasures.dto';

@ApiTags('private contexts')
@ApiBearerAuth()
@ServiceCallers(ERASER)
@Controller('api/v1/context-erasures')
export class ContextErasuresController {
  constructor(private readonly erasures: ContextErasures) {}

  /** Erases what is known about who asked and from where. Not to be undone, and recorded for ever. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiCreatedResponse({ type: ContextErasureResponse })
  async erase(@Body() request: ContextErasureRequest): Promise<ContextErasureResponse> {
    return this.erasures.erase(request);
  }
}
