import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { UnitOfWorkModule } from '../database/unit-of-work.module';
import { RetentionSchedule } from './retention-schedule.service';
import { Retention } from './retention.service';

@Module({ imports: [ServiceModule, UnitOfWorkModule], providers: [Retention, RetentionSchedule] })
export class RetentionModule {}
