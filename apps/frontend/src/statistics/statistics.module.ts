import { Module } from '@nestjs/common';
import { UpstreamsModule } from '../upstreams/upstreams.module';
import { StatisticsController } from './statistics.controller';

@Module({ imports: [UpstreamsModule], controllers: [StatisticsController] })
export class StatisticsModule {}
