import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';

const storage = new AsyncLocalStorage<string>();
const WELL_FORMED = /^[A-Za-z0-9._-]{8,128}$/;

/** Id of the request being served; undefined outside of one. It is handed on to other services and stands in every log line. */
export function currentRequestId(): string | undefined {
  return storage.getStore();
}

/** Runs work that no request started (a timer, a job) under an id of its own. */
export function withRequestId<T>(id: string, work: () => T): T {
  return storage.run(id, work);
}

/** Accepts a well-formed `X-Request-Id`, makes one otherwise, and returns it. */
export function requestIdMiddleware(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && WELL_FORMED.test(given) ? given : randomUUID();
  response.setHeader('X-Request-Id', id);
  storage.run(id, () => {
    next();
  });
}
