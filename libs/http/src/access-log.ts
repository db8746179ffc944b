import type { NextFunction, Request, Response } from 'express';
import { PinoLogger } from 'nestjs-pino';
import { currentRequestId } from './request-context';
import { routeOf } from './route';

type Level = 'error' | 'warn' | 'info';

/**
 * One line for each request, by method and route pattern: no path, query, header or body, since each of them can hold a
 * credential (I6).
 */
export function accessLog(request: Request, response: Response, next: NextFunction): void {
  const started = performance.now();
  // Read here, since the event that ends an answer need not happen in the request's own context.
  const id = currentRequestId();
  // The last event of an answer, whether it was sent or its client left before.
  response.once('close', () => {
    const { statusCode: status } = response;
    PinoLogger.root[levelOf(status)](
      {
        request_id: id,
        method: request.method,
        route: routeOf(request),
        status,
        duration_ms: Math.round(performance.now() - started),
      },
      messageOf(response),
    );
  });
  next();
}

function levelOf(status: number): Level {
  if (status >= 500) return 'error';
  return status >= 400 ? 'warn' : 'info';
}

function messageOf({ writableFinished, statusCode }: Response): string {
  if (!writableFinished) return 'request aborted';
  return statusCode >= 500 ? 'request failed' : 'request served';
}
