import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { UnitOfWorkModule } from '../database/unit-of-work.module';
import { EventsModule } from '../events/events.module';
import { SettingsController } from './settings.controller';
import { Settings } from './settings.service';

@Module({
  imports: [ServiceModule, UnitOfWorkModule, EventsModule],
  controllers: [SettingsController],
  providers: [Settings],
  exports: [Settings],
})
export class SettingsModule {}
