import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  SetMetadata,
  type Type,
  UseGuards,
} from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { Role } from './roles';

/**
 * Who may call a route. Every route carries exactly one decision; a route that carries none is refused,
 * so forgetting the decorator closes the route instead of opening it.
 */
export type AccessDecision =
  | { readonly kind: 'public' }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'roles'; readonly anyOf: readonly Role[] }
  | { readonly kind: 'services'; readonly callers: readonly string[] }
  | { readonly kind: 'credential' };

/** Metadata key of the decision; the list of public routes in the tests reads it too. */
export const ACCESS_DECISION = 'access:decision';

const decide = (decision: AccessDecision) => SetMetadata(ACCESS_DECISION, decision);

/** Open to everybody, signed in or not. */
export const Public = () => decide({ kind: 'public' });

/** Open to every signed-in person: also to one who has no role at all, and wonders why. */
export const Authenticated = () => decide({ kind: 'authenticated' });

/** Open to a signed-in person who has at least one of the roles, implied ones included. */
export const Roles = (...anyOf: [Role, ...Role[]]) => decide({ kind: 'roles', anyOf });

/** Open to the named services, each known by its own key: see ServiceKeyGuard. */
export const ServiceCallers = (...callers: [string, ...string[]]) => decide({ kind: 'services', callers });

/** Open to whoever holds the credential that `guard` checks, such as a pre-shared key. */
export const Credential = (guard: Type<CanActivate>) =>
  applyDecorators(decide({ kind: 'credential' }), UseGuards(guard));

/** The decision that holds for a handler: its own, else its controller's, else none. */
export function accessDecisionOf(reflector: Reflector, context: ExecutionContext): AccessDecision | undefined {
  return reflector.getAllAndOverride<AccessDecision | undefined>(ACCESS_DECISION, [
    context.getHandler(),
    context.getClass(),
  ]);
}
