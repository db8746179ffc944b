import { OidcLogin } from '@libs/auth';
import { configureApp, ServiceAdapter } from '@libs/http';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module';
import type { FrontendConfig } from './config/frontend.config';
import { splitDeployment } from './deployment/split.middleware';
import { allowLogoutTarget } from './login/logout-target';
import { errorPages } from './portal/error-pages';
import { SessionsService } from './sessions/sessions.service';
import { Settings } from './settings/settings.service';

/** A download token is a path segment in `/download/<token>`. */
const SECRET_PATHS = [/^(\/download)\/./];

/** The application, configured and not yet listening. The database must have been migrated. */
export async function createApp(config: FrontendConfig): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.for(config), new ServiceAdapter(), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  configureFrontend(app, config);
  return app;
}

export function configureFrontend(app: NestExpressApplication, config: FrontendConfig): void {
  configureApp(app, {
    listener: config.listener,
    https: config.usesHttps,
    service: 'frontend',
    middleware: [
      splitDeployment(config.deployment),
      allowLogoutTarget(app.get(OidcLogin)),
      app.get(SessionsService).middleware(),
    ],
    renderErrorPage: errorPages(app.get(Settings)),
    secretPaths: SECRET_PATHS,
  });
}
