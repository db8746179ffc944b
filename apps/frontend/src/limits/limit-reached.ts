import { DomainError } from '@libs/http';

/** Too much of one thing from one side: 429, and nothing was done. */
export class LimitReached extends DomainError {
  constructor(retryAfterSeconds: number) {
    super({
      code: 'too_many_requests',
      status: 429,
      title: 'Too many requests of this kind: please wait a moment',
      retryAfterSeconds,
    });
  }
}
