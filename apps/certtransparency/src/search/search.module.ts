import { type DynamicModule, Module } from '@nestjs/common';
import { ServiceModule } from '@libs/http';
import { CertificateFinder } from './certificate-finder';
import { CertificatesController } from './certificates.controller';
import { LogTime } from './log-time';
import { NameSample } from './name-sample';
import { RevocationPages } from './revocation-pages';
import { Revocations } from './revocations';
import { RevocationsController } from './revocations.controller';
import { SearchTermsReader } from './search-terms';
import { Statistics } from './statistics';
import { StatisticsController } from './statistics.controller';

@Module({
  imports: [ServiceModule],
  controllers: [CertificatesController, RevocationsController, StatisticsController],
  providers: [CertificateFinder, LogTime, NameSample, RevocationPages, Revocations, SearchTermsReader, Statistics],
})
export class SearchModule {
  static with(log: DynamicModule, proofs: DynamicModule): DynamicModule {
    return { module: SearchModule, imports: [log, proofs] };
  }
}
