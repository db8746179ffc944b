import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { CrlModule } from '../crl/crl.module';
import { UnitOfWorkModule } from '../database/unit-of-work.module';
import { DownloadTokensModule } from '../download-tokens/download-tokens.module';
import { PsksModule } from '../psks/psks.module';
import { UpstreamsModule } from '../upstreams/upstreams.module';
import { AbandonedIssuances } from './abandoned-issuances.service';
import { BundleIssuer } from './bundle-issuer.service';
import { BundlesController } from './bundles.controller';
import { CertificateIssuer } from './certificate-issuer.service';
import { IssuancesService } from './issuances.service';
import { ProfileIssuer } from './profile-issuer.service';
import { ReconciliationService } from './reconciliation.service';
import { TemplatesModule } from './templates.module';

@Module({
  imports: [
    ServiceModule,
    UnitOfWorkModule,
    UpstreamsModule,
    TemplatesModule,
    CrlModule,
    PsksModule,
    DownloadTokensModule,
  ],
  controllers: [BundlesController],
  providers: [
    IssuancesService,
    CertificateIssuer,
    ProfileIssuer,
    BundleIssuer,
    AbandonedIssuances,
    ReconciliationService,
  ],
  exports: [ProfileIssuer],
})
export class IssuancesModule {}
