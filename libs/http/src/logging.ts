import type { DynamicModule } from '@nestjs/common';
import type { ListenerSettings } from '@libs/config';
import { LoggerModule } from 'nestjs-pino';
import { stdSerializers } from 'pino';
import { currentRequestId } from './request-context';

/** JSON lines on standard output with an event name as message. */
export function loggingModule(service: string, settings: Pick<ListenerSettings, 'logLevel'>): DynamicModule {
  return LoggerModule.forRoot({
    pinoHttp: {
      name: service,
      level: settings.logLevel,
      base: { service },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ request_id: currentRequestId() }),
      serializers: { err: errorFields },
    },
    // Requests are logged by the access log, which makes no logger for each of them.
    forRoutes: [],
  });
}

/** Type, message and stack alone: drivers hang statements and parameters on their errors. */
function errorFields(error: Error) {
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message, stack };
}
