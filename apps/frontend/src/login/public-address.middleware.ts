import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { FrontendConfig } from '../config/frontend.config';
import { cliLoginPath } from './cli-login';
import { ownPath } from './own-path';

/** Marks a login that has been moved: a proxy that does not hand on the browser's Host would move it for ever. */
const MOVED = 'moved';

/**
 * Begins a login at the address where it will end. The provider leads back to FRONTEND_PUBLIC_URL, where a browser that
 * began under another name (127.0.0.1 for localhost) does not show the cookie that it was given there. Where to go is
 * from the configuration, and of the request only what a login takes anyway.
 */
@Injectable()
export class PublicAddressMiddleware implements NestMiddleware {
  private readonly host: string;

  constructor(private readonly config: FrontendConfig) {
    this.host = new URL(config.publicUrl).host;
  }

  use(request: Request, response: Response, next: NextFunction): void {
    const isHere = request.host === this.host || request.query[MOVED] !== undefined;
    if (request.method !== 'GET' || isHere) {
      next();
      return;
    }
    const parameters = loginParameters(request);
    parameters.set(MOVED, '1');
    response.set('Cache-Control', 'no-store');
    response.redirect(`${this.config.publicUrl}/auth/login?${parameters.toString()}`);
  }
}

/** What the login was asked for, read and written anew. */
function loginParameters({ query }: Request): URLSearchParams {
  const program = cliLoginPath(query);
  if (program !== undefined) return new URL(program, 'http://own.invalid').searchParams;
  return new URLSearchParams({ next: ownPath(query['next']) });
}
