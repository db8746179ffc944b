import { loggingModule, ServiceModule } from '@libs/http';
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CertificatesModule } from './certificates/certificates.module';
import { FrontendConfig } from './config/frontend.config';
import { frontendDataSourceOptions } from './database/data-source-options';
import { DatabaseReadiness } from './database/database-readiness';
import { CrlModule } from './crl/crl.module';
import { DownloadsModule } from './download-tokens/downloads.module';
import { IssuancesModule } from './issuances/issuances.module';
import { LoginModule } from './login/login.module';
import { PortalModule } from './portal/portal.module';
import { PsksModule } from './psks/psks.module';
import { SessionsModule } from './sessions/sessions.module';
import { UsersModule } from './users/users.module';

/** The one file that names every feature of the frontend. */
@Module({})
export class AppModule {
  static for(config: FrontendConfig): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [
        ServiceModule,
        loggingModule('frontend', config.listener),
        TypeOrmModule.forRoot(frontendDataSourceOptions(config)),
        UsersModule,
        SessionsModule,
        LoginModule,
        PsksModule,
        IssuancesModule,
        DownloadsModule,
        CertificatesModule,
        CrlModule,
        PortalModule,
      ],
      providers: [{ provide: FrontendConfig, useValue: config }, DatabaseReadiness],
      exports: [FrontendConfig],
    };
  }
}
