import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { accessDecisionOf } from './access.decorator';
import { AccessDenied, SignInRequired } from './access.errors';
import type { AuthenticatedRequest, Principal } from './principal';

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
      case 'authenticated':
        principalOf(context);
        return true;
      case 'roles': {
        const { roles } = principalOf(context);
        if (!decision.anyOf.some((role) => roles.includes(role))) throw new AccessDenied();
        return true;
      }
      default:
        throw new AccessDenied();
    }
  }
}

function principalOf(context: ExecutionContext): Principal {
  const { principal } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!principal) throw new SignInRequired();
  return principal;
}
