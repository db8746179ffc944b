import { accessDecisionOf, type AuthenticatedRequest, InvalidCredential, type Principal } from '@libs/auth';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { requestContextOf } from '../issuances/request-context';
import { FailedCredentials } from '../limits/failed-credentials.service';
import { BearerSchemes } from './bearer-schemes';

const IS_BEARER = /^Bearer(?: |$)/i;
const BEARER = /^Bearer +([\x21-\x7e]{1,500}) *$/i;

/**
 * Recognises who calls a route for people by a bearer credential. It counts instead of a session that came with it, and a
 * bad one is refused, session or not: a program that shows one does not mean to act as whoever has the cookie. Other
 * schemes of the header are a proxy's business and none of ours.
 */
@Injectable()
export class BearerGuard implements CanActivate {
  private readonly reflector = new Reflector();

  constructor(
    private readonly schemes: BearerSchemes,
    private readonly failures: FailedCredentials,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { kind } = accessDecisionOf(this.reflector, context) ?? {};
    if (kind !== 'roles' && kind !== 'authenticated') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const { authorization } = request.headers;
    if (authorization === undefined || !IS_BEARER.test(authorization)) return true;
    request.principal = await this.failures.watch(requestContextOf(request).clientAddress, isInvalid, () =>
      this.authenticate(BEARER.exec(authorization)?.[1] ?? '', request),
    );
    request.hasBearerCredential = true;
    return true;
  }

  private async authenticate(credential: string, request: AuthenticatedRequest): Promise<Principal> {
    const scheme = this.schemes.schemeOf(credential);
    if (scheme === undefined) throw new InvalidCredential('api');
    return scheme.authenticate(credential, request);
  }
}

function isInvalid(error: unknown): boolean {
  return error instanceof InvalidCredential;
}
