import { accessDecisionOf, type AuthenticatedRequest } from '@libs/auth';
import { DomainError } from '@libs/http';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { createHash, timingSafeEqual } from 'node:crypto';
import { sessionOf } from './session.store';

/** Name of the hidden form field; API callers send the header `X-CSRF-Token` instead. */
export const CSRF_FIELD = '_csrf';
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

const ADVICE = {
  form: { title: 'This form is out of date, or another site sent it. Please go back, reload the page and try again' },
  api: {
    title: 'The CSRF token is missing or wrong',
    detail: 'Send the csrf_token of GET /api/v1/me as the header X-CSRF-Token.',
  },
} as const;

/** The request came with a session but without that session's token: 403, nothing was done. */
export class CsrfTokenInvalid extends DomainError {
  constructor(caller: 'form' | 'api') {
    super({ code: 'csrf_token_invalid', status: 403, ...ADVICE[caller] });
  }
}

/**
 * A state-changing request that the session cookie alone would authorise must prove that a page of ours sent it: the
 * session's token in a form field or header. Routes with a credential of their own ignore the cookie and need none,
 * nor does a request with a bearer credential.
 */
@Injectable()
export class CsrfGuard implements CanActivate {
  private readonly reflector = new Reflector();

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (SAFE_METHODS.includes(request.method)) return true;
    if (accessDecisionOf(this.reflector, context)?.kind === 'credential') return true;
    const presented = takeToken(request);
    const csrfToken = sessionOf(request)?.csrfToken;
    if (request.principal === undefined || request.hasBearerCredential === true) return true;
    if (csrfToken === undefined || presented === undefined || !equal(csrfToken, presented))
      throw new CsrfTokenInvalid(request.path.startsWith('/api/') ? 'api' : 'form');
    return true;
  }
}

/** Takes the field out of the body as well, which the route's validation would refuse as unknown. */
function takeToken(request: AuthenticatedRequest): string | undefined {
  const header = request.headers['x-csrf-token'];
  const body: unknown = request.body;
  let field: unknown;
  if (typeof body === 'object' && body !== null && Object.hasOwn(body, CSRF_FIELD)) {
    field = Reflect.get(body, CSRF_FIELD);
    Reflect.deleteProperty(body, CSRF_FIELD);
  }
  const token = header ?? field;
  return typeof token === 'string' ? token : undefined;
}

function equal(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(one), digest(other));
}
