import { DomainError } from '@libs/http';

/** RFC 6749 §5.2 and RFC 8628 §3.5. */
export type OAuthErrorCode =
  | 'invalid_grant'
  | 'unsupported_grant_type'
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'expired_token';

const TITLES: Readonly<Record<OAuthErrorCode, string>> = {
  invalid_grant: 'The code is not valid: it is unknown, has expired, was used, or belongs to another program',
  unsupported_grant_type: 'The grant_type is neither authorization_code nor that of the device flow',
  authorization_pending: 'Nobody has decided yet: ask again after the interval',
  slow_down: 'You asked too soon: wait five seconds longer from now on',
  access_denied: 'The person has refused',
  expired_token: 'Nobody decided in time: begin again',
};

/** What the token endpoint answers to a program: `error` for OAuth libraries, `code` as everywhere else. */
export class OAuthError extends DomainError {
  constructor(error: OAuthErrorCode) {
    super({ code: error, status: 400, title: TITLES[error], extensions: { error } });
  }
}
