import { Roles } from '@libs/auth';
import type { Page } from '@libs/contracts';
import { Controller, Get, Header, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { nextLink } from '../credentials/page';
import { EventListQuery, eventResponse } from './event.dto';
import type { EventResponse } from './event.dto';
import { Events } from './events.service';

/** The record of what administrators did. */
@ApiTags('Events')
@Controller('api/v1/admin/events')
@Roles('auditor')
export class EventsController {
  constructor(private readonly events: Events) {}

  /** What administrators changed, newest first. */
  @Get()
  @Header('Cache-Control', 'no-store')
  async list(
    @Query() { object_type, object_id, request_id, from, to, ...alike }: EventListQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<EventResponse>> {
    const { items, nextCursor } = await this.events.list({
      ...alike,
      objectType: object_type,
      objectId: object_id,
      requestId: request_id,
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
    });
    if (nextCursor !== null) response.set('Link', nextLink(request, nextCursor));
    return { items: items.map(eventResponse), next_cursor: nextCursor };
  }
}
