import { OidcLogin, OidcPassportStrategy } from '@libs/auth';
import { Clock, ServiceModule } from '@libs/http';
import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { FrontendConfig } from '../config/frontend.config';
import { DownloadTokensModule } from '../download-tokens/download-tokens.module';
import { IssuancesModule } from '../issuances/issuances.module';
import { SessionsModule } from '../sessions/sessions.module';
import { SettingsModule } from '../settings/settings.module';
import { UsersModule } from '../users/users.module';
import { CliLoginController } from './cli-login.controller';
import { LoginController } from './login.controller';
import { ProviderDiscovery } from './provider-discovery.service';
import { ProviderLogoutController } from './provider-logout.controller';
import { PublicAddressMiddleware } from './public-address.middleware';

@Module({
  imports: [ServiceModule, SettingsModule, SessionsModule, UsersModule, DownloadTokensModule, IssuancesModule],
  controllers: [LoginController, ProviderLogoutController, CliLoginController],
  providers: [
    OidcPassportStrategy,
    ProviderDiscovery,
    {
      provide: OidcLogin,
      inject: [FrontendConfig, Clock],
      useFactory: (config: FrontendConfig, clock: Clock) => new OidcLogin(oidcOptions(config), clock),
    },
  ],
})
export class LoginModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(PublicAddressMiddleware).forRoutes('auth/login');
  }
}

function oidcOptions({ oidc, publicUrl, session, usesHttps }: FrontendConfig) {
  const [current, ...previous] = session.secrets;
  if (current === undefined) throw new Error('a session secret is required');
  return {
    ...oidc,
    redirectUri: `${publicUrl}/auth/callback`,
    postLogoutRedirectUri: oidc.signsOutAtProvider ? `${publicUrl}/` : undefined,
    cookieSecrets: [current, ...previous] as const,
    secureCookies: usesHttps,
  };
}
