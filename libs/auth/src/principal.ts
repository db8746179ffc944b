import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { SignInRequired } from './access.errors';
import type { Role } from './roles';

/** The signed-in person behind a request. */
export interface Principal {
  /** Id of the row in `users`. */
  readonly userId: string;
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  /** As the identity provider sent them at the last login. */
  readonly groups: readonly string[];
  readonly roles: readonly Role[];
}

/** A request after the session was looked up; `principal` is absent for a visitor who is not signed in. */
export interface AuthenticatedRequest extends Request {
  principal?: Principal;
}

/** Handler parameter: the signed-in person, 401 when there is none. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!principal) throw new SignInRequired();
  return principal;
});

/** Handler parameter of a public route: the signed-in person, or undefined. */
export const OptionalUser = createParamDecorator((_: unknown, context: ExecutionContext): Principal | undefined => {
  return context.switchToHttp().getRequest<AuthenticatedRequest>().principal;
});
