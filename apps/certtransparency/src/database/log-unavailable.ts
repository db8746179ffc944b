import { DomainError } from '@libs/http';

/**
 * The database did not answer, or did not commit. After an append the entry may be there all the same: submitting it again
 * finds out.
 */
export class LogUnavailable extends DomainError {
  constructor(cause: unknown) {
    super({ code: 'log_unavailable', status: 503, title: 'The log is not available', retryAfterSeconds: 5, cause });
  }
}

/**
 * Whether the database answered and said no for good: the write gate's own codes, bad data, violated constraints, missing
 * rights or objects. Trying the same again would end the same, unlike after a lost connection or a full disk.
 */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(CT|22|23|42)/.test(error.code)
  );
}
