import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { configureApp } from '@libs/http';
import { AppModule } from './app.module';
import type { CertTransparencyConfig } from './config/certtransparency.config';
import { LogDatabase } from './database/log-database';
import { excessRights, refuseExcessRights } from './database/posture';

/**
 * The application, configured and not yet listening. The database must have been migrated.
 * @throws StartError when the key is unusable or, in production, when the runtime role has more rights than it needs
 */
export async function createApp(config: CertTransparencyConfig): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.for(config), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  configureApp(app, {
    listener: config.listener,
    https: false,
    openApi: {
      title: 'OpenVPN Manager: certificate log',
      description: 'The append-only log of every certificate operation, its proofs, and what is searched in it.',
      version: '1',
    },
  });
  await checkPosture(app.get(LogDatabase), config);
  return app;
}

async function checkPosture(database: LogDatabase, config: CertTransparencyConfig): Promise<void> {
  if (config.environment === 'production') {
    await refuseExcessRights(database);
    return;
  }
  for (const right of await excessRights(database)) new Logger('Posture').warn({ msg: 'excess right', right });
}
