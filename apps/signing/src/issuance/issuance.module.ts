import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { LogModule } from '../log/log.module';
import { CertificateFactory } from './certificate-factory';
import { CertificatesController } from './certificates.controller';
import { IssuanceLedger } from './issuance-ledger';
import { IssuanceService } from './issuance.service';
import { RecordedIssuances } from './recorded-issuances';

@Module({
  imports: [ServiceModule, LogModule],
  controllers: [CertificatesController],
  providers: [CertificateFactory, IssuanceLedger, IssuanceService, RecordedIssuances],
})
export class IssuanceModule {}
