import { configureApp, ServiceAdapter } from '@libs/http';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module';
import type { SigningConfig } from './config/signing.config';
import { openInstallation } from './installation';

/**
 * The application, configured and not yet listening.
 * @throws StartError when the installation is not in order
 */
export async function createApp(config: SigningConfig): Promise<NestExpressApplication> {
  // Before Nest, which would print a stack where an operator needs one sentence.
  const installation = await openInstallation(config);
  const app = await NestFactory.create<NestExpressApplication>(AppModule.for(installation), new ServiceAdapter(), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  configureSigning(app, config);
  return app;
}

export function configureSigning(app: NestExpressApplication, config: SigningConfig): void {
  configureApp(app, {
    listener: config.listener,
    https: false,
    service: 'signing',
  });
}
