import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module';
import { UpstreamsModule } from '../upstreams/upstreams.module';
import { CertificatesController } from './certificates.controller';
import { CertificatesService } from './certificates.service';

@Module({
  imports: [ServiceModule, UpstreamsModule, EventsModule],
  controllers: [CertificatesController],
  providers: [CertificatesService],
})
export class CertificatesModule {}
