import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { accessDecisionOf } from './access.decorator';
import { AccessDenied, InvalidCredential } from './access.errors';
import { ServiceKeyRing, type ServiceKeys } from './service-keys';

interface ServiceRequest extends Request {
  serviceCaller?: string;
}

/**
 * The global guard of a service that only other services call: `@ServiceCallers('frontend')` on a route names who may,
 * `@Public()` opens it, and a route with neither is refused.
 *
 * An unknown key is 401 with `WWW-Authenticate`, a known key of another service 403.
 *
 * @example `{ provide: APP_GUARD, useFactory: (config: SigningConfig) => new ServiceKeyGuard({ frontend: config.keys }), inject: [SigningConfig] }`
 */
@Injectable()
export class ServiceKeyGuard implements CanActivate {
  private readonly ring: ServiceKeyRing;
  private readonly reflector = new Reflector();

  constructor(keys: ServiceKeys) {
    this.ring = new ServiceKeyRing(keys);
  }

  canActivate(context: ExecutionContext): boolean {
    const decision = accessDecisionOf(this.reflector, context);
    if (decision?.kind === 'public') return true;
    const request = context.switchToHttp().getRequest<ServiceRequest>();
    const caller = this.ring.callerOf(request.headers.authorization);
    if (caller === undefined) throw new InvalidCredential('service');
    if (decision?.kind !== 'services' || !decision.callers.includes(caller)) throw new AccessDenied();
    request.serviceCaller = caller;
    return true;
  }
}

/** Handler parameter: the name of the service that called, as in the keys given to ServiceKeyGuard. */
export const ServiceCaller = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  return context.switchToHttp().getRequest<ServiceRequest>().serviceCaller;
});
