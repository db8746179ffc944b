import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module';
import { UpstreamsModule } from '../upstreams/upstreams.module';
import { CrlAdministrationController } from './crl-administration.controller';
import { CrlAdministration } from './crl-administration.service';
import { CrlController } from './crl.controller';
import { CrlService } from './crl.service';

@Module({
  imports: [ServiceModule, UpstreamsModule, EventsModule],
  controllers: [CrlController, CrlAdministrationController],
  providers: [CrlService, CrlAdministration],
  exports: [CrlService],
})
export class CrlModule {}
