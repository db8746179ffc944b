import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { SignInRequired } from './access.errors';
import type { Role } from './roles';

/** The person behind a request: signed in, or acting by a token of theirs. */
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
  /** Id of the API token by which the person acts; absent in a session. */
  readonly apiTokenId?: string;
}

/** A request after the session or the credential was looked up; `principal` is absent for a visitor who is not signed in. */
export interface AuthenticatedRequest extends Request {
  principal?: Principal;
  /** The principal was recognised by an `Authorization` header, which no other site can make a browser send. */
  hasBearerCredential?: boolean;
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
