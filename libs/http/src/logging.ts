import type { DynamicModule } from '@nestjs/common';
import type { ListenerSettings } from '@libs/config';
import { LoggerModule } from 'nestjs-pino';
import { stdSerializers } from 'pino';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { currentRequestId } from './request-context';
import { routeOf } from './route';

/**
 * JSON lines on standard output with an event name as message. Requests are logged by method and route pattern:
 * no path, query, header or body, since each of them can hold a credential (I6).
 */
export function loggingModule(service: string, settings: Pick<ListenerSettings, 'logLevel'>): DynamicModule {
  return LoggerModule.forRoot({
    pinoHttp: {
      name: service,
      level: settings.logLevel,
      base: { service },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ request_id: currentRequestId() }),
      serializers: { req: () => undefined, res: () => undefined, err: errorFields },
      quietReqLogger: true,
      customLogLevel: (_request, response, error) => levelOf(response.statusCode, error),
      customSuccessMessage: () => 'request served',
      customErrorMessage: () => 'request failed',
      customSuccessObject: (request, response, fields) => ({
        ...requestFields(request, response),
        duration_ms: durationOf(fields),
      }),
      customErrorObject: (request, response, error, fields) => ({
        ...requestFields(request, response),
        duration_ms: durationOf(fields),
        err: error,
      }),
    },
  });
}

function requestFields(request: IncomingMessage, response: ServerResponse) {
  return { method: request.method, route: routeOf(request), status: response.statusCode };
}

function durationOf(fields: unknown): number | undefined {
  if (typeof fields !== 'object' || fields === null || !('responseTime' in fields)) return undefined;
  return typeof fields.responseTime === 'number' ? fields.responseTime : undefined;
}

function levelOf(status: number, error: Error | undefined): 'error' | 'warn' | 'info' {
  if (error || status >= 500) return 'error';
  return status >= 400 ? 'warn' : 'info';
}

/** Type, message and stack alone: drivers hang statements and parameters on their errors. */
function errorFields(error: Error) {
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message, stack };
}
