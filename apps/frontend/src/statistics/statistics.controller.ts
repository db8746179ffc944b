import { Roles } from '@libs/auth';
import { LogReader } from '@libs/contracts';
import { Refuses } from '@libs/http';
import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { StatisticsQuery, statisticsResponse } from './statistics.dto';
import type { StatisticsResponse } from './statistics.dto';

/** Counts over the whole log. */
@ApiTags('Statistics')
@Controller('api/v1/admin/statistics')
@Roles('auditor')
export class StatisticsController {
  constructor(private readonly log: LogReader) {}

  /** Certificates by type, status and day. */
  @Get()
  @Header('Cache-Control', 'no-store')
  @Refuses(503, 'certtransparency_unavailable')
  async read(@Query() query: StatisticsQuery): Promise<StatisticsResponse> {
    return statisticsResponse(await this.log.statistics(query));
  }
}
