import { DomainError, type FieldError } from '@libs/http';

/** Another certificate was logged for the same issuance: the caller fetches that one instead. */
export class IssuanceKnown extends DomainError {
  constructor(fingerprint: string) {
    super({
      code: 'issuance_known',
      status: 409,
      title: 'A certificate was already issued for this issuance',
      detail: `The certificate logged for this issuance has the fingerprint ${fingerprint}.`,
      extensions: { fingerprint },
    });
  }
}

/** The entry has the right shape and yet cannot be logged. */
export class InvalidEntry extends DomainError {
  constructor(field: string, message: string) {
    const errors: readonly FieldError[] = [{ field, message }];
    super({ code: 'invalid_entry', status: 422, title: 'The entry cannot be logged', detail: message, errors });
  }
}

/** More is waiting to be written than the log takes in; nothing was done. */
export class LogBusy extends DomainError {
  constructor() {
    super({ code: 'log_busy', status: 503, title: 'The log is busy', retryAfterSeconds: 1 });
  }
}

/** The service is going down; nothing was done. */
export class LogStopping extends DomainError {
  constructor() {
    super({ code: 'log_stopping', status: 503, title: 'The log is being restarted', retryAfterSeconds: 5 });
  }
}

/** The write gate computed something else than we did: nothing was written, and somebody has to look at it. */
export class LogDisagreement extends DomainError {
  constructor(cause: unknown) {
    super({ code: 'log_disagreement', status: 500, title: 'The entry was refused by the write gate', cause });
  }
}
