import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { type LogStatistics, StatisticsQuery } from '@libs/contracts';
import { Refuses } from '@libs/http';
import { READER, WRITER } from '../callers';
import { Statistics } from './statistics';

/** Counts over the whole log. */
@ApiTags('statistics')
@ServiceCallers(READER, WRITER)
@Controller('api/v1/statistics')
export class StatisticsController {
  constructor(private readonly statistics: Statistics) {}

  /** How many certificates there are by kind, by status, and by the day on which they were issued and revoked. */
  @Get()
  @Header('Cache-Control', 'no-store')
  @Refuses(503, 'log_unavailable')
  async read(@Query() query: StatisticsQuery): Promise<LogStatistics> {
    return this.statistics.read(query);
  }
}
