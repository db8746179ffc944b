import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { configureApp, StartError, ServiceAdapter } from '@libs/http';
import { AppModule } from './app.module';
import { HistoryCheck } from './audit/history-check';
import { PostureWatch } from './audit/posture-watch';
import type { CertTransparencyConfig } from './config/certtransparency.config';
import { failPoints } from './fail-points';

/**
 * The application, configured and not yet listening. The database must have been migrated.
 * @throws StartError when the key is unusable or, in production, when the service is connected as another role than its own
 */
export async function createApp(config: CertTransparencyConfig): Promise<NestExpressApplication> {
  failPoints.arm(config.failPoint);
  const app = await NestFactory.create<NestExpressApplication>(AppModule.for(config), new ServiceAdapter(), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  configureApp(app, {
    listener: config.listener,
    https: false,
    service: 'certtransparency',
  });
  await checkPosture(app.get(PostureWatch, { strict: false }), config);
  await app.get(HistoryCheck, { strict: false }).run();
  return app;
}

/** An append-only log whose service could rewrite it is none. */
async function checkPosture(posture: PostureWatch, config: CertTransparencyConfig): Promise<void> {
  const findings = await posture.start();
  const isWrongRole = findings.some(({ kind }) => kind === 'runtime role');
  if (config.environment !== 'production' || !isWrongRole) return;
  const sentences = findings.map(({ sentence }) => sentence).join('; ');
  throw new StartError(`CT_DATABASE_URL must name the role ct_writer: ${sentences}.`);
}
