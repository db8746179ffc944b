import { Roles } from '@libs/auth';
import { type Page, PageQuery } from '@libs/contracts';
import { Refuses } from '@libs/http';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { nextLink } from '../credentials/page';
import { ServerLagService } from './server-lag.service';
import { serverResponse } from './server-response';
import type { ServerResponse } from './server-response';
import { ServersService } from './servers.service';

/** OpenVPN servers, by the word of the agents beside them. */
@ApiTags('Servers')
@Controller('api/v1/admin/servers')
@Roles('auditor')
export class AdminServersController {
  constructor(
    private readonly servers: ServersService,
    private readonly lags: ServerLagService,
  ) {}

  /** The OpenVPN servers whose agents report, what each has applied, and how far it is behind the log. */
  @Get()
  @Refuses(503, 'certtransparency_unavailable')
  async list(
    @Query() query: PageQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<ServerResponse>> {
    const { items, nextCursor } = await this.servers.list(query);
    if (nextCursor !== null) response.set('Link', nextLink(request, nextCursor));
    const lags = await this.lags.of(items.map(({ sequence }) => sequence));
    return {
      items: items.map((state) => serverResponse(state, lags.get(state.sequence) ?? null)),
      next_cursor: nextCursor,
    };
  }
}
