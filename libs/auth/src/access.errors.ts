import { DomainError } from '@libs/http';

/** Nobody is signed in: 401. */
export class SignInRequired extends DomainError {
  constructor() {
    super({ code: 'sign_in_required', status: 401, title: 'Sign in first' });
  }
}

/**
 * No valid bearer credential came with the request: 401, the same for a missing, malformed or unknown one.
 *
 * @param realm what the credential is for, such as `service`
 */
export class InvalidCredential extends DomainError {
  constructor(realm: string) {
    super({
      code: 'invalid_credential',
      status: 401,
      title: 'A valid credential is required',
      headers: { 'WWW-Authenticate': `Bearer realm="${realm}"` },
    });
  }
}

/** The caller is known and may not do this: 403. */
export class AccessDenied extends DomainError {
  constructor(detail?: string) {
    super({ code: 'access_denied', status: 403, title: 'You are not allowed to do this', detail });
  }
}

/** The token is good, and not for this: 403 (RFC 6750 §3.1). */
export class InsufficientScope extends DomainError {
  /** @param scope what the route needs; undefined when no token may call it */
  constructor(scope: string | undefined) {
    const needed = scope === undefined ? '' : `, scope="${scope}"`;
    super({
      code: 'insufficient_scope',
      status: 403,
      title: 'The API token is not for this',
      detail: scope === undefined ? 'No API token may do this: sign in' : `The token needs the scope ${scope}`,
      headers: { 'WWW-Authenticate': `Bearer realm="api", error="insufficient_scope"${needed}` },
    });
  }
}
