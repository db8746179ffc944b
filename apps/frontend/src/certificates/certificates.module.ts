import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Issuance } from '../issuances/issuance.entity';
import { UpstreamsModule } from '../upstreams/upstreams.module';
import { CertificatesController } from './certificates.controller';
import { CertificatesService } from './certificates.service';
import { MyCertificatesService } from './my-certificates.service';

@Module({
  imports: [ServiceModule, UpstreamsModule, TypeOrmModule.forFeature([Issuance])],
  controllers: [CertificatesController],
  providers: [CertificatesService, MyCertificatesService],
  exports: [MyCertificatesService],
})
export class CertificatesModule {}
