import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { accessDecisionOf } from './access.decorator';
import { AccessDenied, SignInRequired } from './access.errors';
import type { AuthenticatedRequest } from './principal';

/**
 * The global guard of an app that people use. It enforces the decision that a route carries and refuses a route
 * without one. Expects `request.principal` to have been set from the session before it runs.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly reflector = new Reflector();

  canActivate(context: ExecutionContext): boolean {
    const decision = accessDecisionOf(this.reflector, context);
    switch (decision?.kind) {
      case 'public':
      case 'credential':
        return true;
      case 'roles': {
        const { principal } = context.switchToHttp().getRequest<AuthenticatedRequest>();
        if (!principal) throw new SignInRequired();
        if (!decision.anyOf.some((role) => principal.roles.includes(role))) throw new AccessDenied();
        return true;
      }
      default:
        throw new AccessDenied();
    }
  }
}
