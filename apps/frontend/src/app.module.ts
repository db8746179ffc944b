import { loggingModule, ServiceModule } from '@libs/http';
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ApiTokensModule } from './api-tokens/api-tokens.module';
import { CertificatesModule } from './certificates/certificates.module';
import { FrontendConfig } from './config/frontend.config';
import { frontendDataSourceOptions } from './database/data-source-options';
import { DatabaseReadiness } from './database/database-readiness';
import { CrlModule } from './crl/crl.module';
import { DeviceAuthorizationModule } from './device-authorization/device-authorization.module';
import { DownloadsModule } from './download-tokens/downloads.module';
import { EventsModule } from './events/events.module';
import { IssuancesModule } from './issuances/issuances.module';
import { LoginModule } from './login/login.module';
import { MyCertificatesModule } from './my-certificates/my-certificates.module';
import { OpenvpnConnectModule } from './openvpn-connect/openvpn-connect.module';
import { PortalModule } from './portal/portal.module';
import { PsksModule } from './psks/psks.module';
import { RevocationsModule } from './revocations/revocations.module';
import { ServersModule } from './servers/servers.module';
import { RetentionModule } from './retention/retention.module';
import { SessionsModule } from './sessions/sessions.module';
import { SettingsModule } from './settings/settings.module';
import { StatisticsModule } from './statistics/statistics.module';
import { UserAdministrationModule } from './users/user-administration.module';
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
        DeviceAuthorizationModule,
        MyCertificatesModule,
        OpenvpnConnectModule,
        CertificatesModule,
        RevocationsModule,
        StatisticsModule,
        CrlModule,
        EventsModule,
        ServersModule,
        SettingsModule,
        ApiTokensModule,
        UserAdministrationModule,
        RetentionModule,
        PortalModule,
      ],
      providers: [{ provide: FrontendConfig, useValue: config }, DatabaseReadiness],
      exports: [FrontendConfig],
    };
  }
}
