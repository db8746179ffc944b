import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { UnitOfWorkModule } from '../database/unit-of-work.module';
import { IssuancesModule } from '../issuances/issuances.module';
import { UpstreamsModule } from '../upstreams/upstreams.module';
import { KnownRevocations } from './known-revocations.service';
import { MyCertificatesController } from './my-certificates.controller';
import { MyCertificatesService } from './my-certificates.service';
import { MyRevocations } from './my-revocations.service';

@Module({
  imports: [ServiceModule, UnitOfWorkModule, UpstreamsModule, IssuancesModule],
  controllers: [MyCertificatesController],
  providers: [MyCertificatesService, KnownRevocations, MyRevocations],
  exports: [MyCertificatesService, MyRevocations],
})
export class MyCertificatesModule {}
