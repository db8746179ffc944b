import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UnitOfWorkModule } from '../database/unit-of-work.module';
import { EventsModule } from '../events/events.module';
import { TemplatesModule } from '../issuances/templates.module';
import { LimitsModule } from '../limits/limits.module';
import { RevocationsModule } from '../revocations/revocations.module';
import { PskAdministration } from './psk-administration.service';
import { PskOrders } from './psk-orders';
import { Psk } from './psk.entity';
import { PskRevocations } from './psk-revocations.service';
import { PsksController } from './psks.controller';
import { PsksService } from './psks.service';

@Module({
  imports: [
    ServiceModule,
    TypeOrmModule.forFeature([Psk]),
    UnitOfWorkModule,
    LimitsModule,
    EventsModule,
    RevocationsModule,
    TemplatesModule,
  ],
  controllers: [PsksController],
  providers: [PsksService, PskAdministration, PskOrders, PskRevocations],
  exports: [PsksService],
})
export class PsksModule {}
