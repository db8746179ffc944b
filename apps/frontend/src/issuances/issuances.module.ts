import { ServiceModule } from '@libs/http';
import { Module } from '@nestjs/common';
import { FrontendConfig } from '../config/frontend.config';
import { CrlModule } from '../crl/crl.module';
import { UnitOfWorkModule } from '../database/unit-of-work.module';
import { DownloadTokensModule } from '../download-tokens/download-tokens.module';
import { LimitsModule } from '../limits/limits.module';
import { PsksModule } from '../psks/psks.module';
import { SettingsModule } from '../settings/settings.module';
import { UpstreamsModule } from '../upstreams/upstreams.module';
import { AbandonedIssuances } from './abandoned-issuances.service';
import { BundleIssuer } from './bundle-issuer.service';
import { BundlesController } from './bundles.controller';
import { CertificateIssuer } from './certificate-issuer.service';
import { DueRenewals } from './due-renewals.service';
import { IssuancesService } from './issuances.service';
import { IssuedCertificateCheck } from './issued-certificate-check';
import { ProfileAllowance } from './profile-allowance.service';
import { ProfileComposer } from './profile-composer';
import { ProfileIssuer } from './profile-issuer.service';
import { ReconciliationService } from './reconciliation.service';
import { Renewals } from './renewals.service';
import { Repetitions } from './repetitions.service';
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
    SettingsModule,
    LimitsModule,
  ],
  controllers: [BundlesController],
  providers: [
    IssuancesService,
    Repetitions,
    CertificateIssuer,
    ProfileAllowance,
    ProfileComposer,
    ProfileIssuer,
    Renewals,
    DueRenewals,
    BundleIssuer,
    AbandonedIssuances,
    ReconciliationService,
    {
      provide: IssuedCertificateCheck,
      useFactory: ({ logVerifierKeys }: FrontendConfig) => IssuedCertificateCheck.pinning(logVerifierKeys),
      inject: [FrontendConfig],
    },
  ],
  exports: [ProfileIssuer],
})
export class IssuancesModule {}
