import { DomainError } from '@libs/http';

interface Failure {
  readonly status: number;
  /** The sentence that the person reads: what happened and what to do next. */
  readonly title: string;
}

const FAILURES = {
  login_provider_unavailable: {
    status: 503,
    title: 'The identity provider cannot be reached. Please try again in a minute',
  },
  login_provider_refused: {
    status: 502,
    title: 'The identity provider refused the login. Please tell your administrator',
  },
  login_provider_misconfigured: {
    status: 502,
    title: 'The identity provider is not set up for this service. Please tell your administrator',
  },
  login_cancelled: { status: 403, title: 'You cancelled the login, or the identity provider denied it' },
  login_state_unknown: {
    status: 400,
    title: 'This login was not started in this browser, or has been completed already. Please sign in again',
  },
  login_state_expired: { status: 400, title: 'The login took too long. Please sign in again' },
  login_clocks_differ: {
    status: 502,
    title: 'The clocks of this service and of the identity provider differ too much. Please tell your administrator',
  },
  login_ended_meanwhile: {
    status: 403,
    title: 'You were signed out at the identity provider meanwhile. Please sign in again',
  },
  login_token_invalid: {
    status: 403,
    title: 'The answer of the identity provider could not be trusted. Please sign in again',
  },
} as const satisfies Readonly<Record<string, Failure>>;

export type LoginFailure = keyof typeof FAILURES;

/**
 * A login that did not succeed. `title` is for the person; `cause` is for the log alone and may name
 * endpoints and claims, never a token or code.
 */
export class LoginError extends DomainError {
  constructor(failure: LoginFailure, cause: string | Error) {
    const { status, title } = FAILURES[failure];
    super({
      code: failure,
      status,
      title,
      ...(status === 503 ? { retryAfterSeconds: 30 } : {}),
      cause: typeof cause === 'string' ? new Error(cause) : cause,
    });
  }
}
