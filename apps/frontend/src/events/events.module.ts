import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminEvent } from './event.entity';
import { EventsController } from './events.controller';
import { Events } from './events.service';
import { RecordedCalls } from './recorded-calls.service';

@Module({
  imports: [ServiceModule, TypeOrmModule.forFeature([AdminEvent])],
  controllers: [EventsController],
  providers: [Events, RecordedCalls],
  exports: [Events, RecordedCalls],
})
export class EventsModule {}
