import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { EventsModule } from '../events/events.module';
import { Psk } from '../psks/psk.entity';
import { SettingsModule } from '../settings/settings.module';
import { UpstreamsModule } from '../upstreams/upstreams.module';
import { BulkCriteria } from './bulk-criteria.service';
import { BulkRevocations } from './bulk-revocations.service';
import { BulkRevocationsController } from './bulk-revocations.controller';

@Module({
  imports: [UpstreamsModule, EventsModule, SettingsModule, TypeOrmModule.forFeature([Psk])],
  controllers: [BulkRevocationsController],
  providers: [BulkCriteria, BulkRevocations],
  exports: [BulkRevocations],
})
export class RevocationsModule {}
