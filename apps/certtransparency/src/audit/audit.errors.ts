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

/** The database lacks entries that the log has shown: it was restored from a backup, or cut. Nothing is signed on it. */
export class LogBehindAnchor extends DomainError {
  constructor(
    readonly databaseSize: number,
    readonly anchorSize: number,
  ) {
    super({
      code: 'log_behind_anchor',
      status: 503,
      title: 'The log has lost entries and takes no new ones',
      detail: `The database holds ${databaseSize} entries, but a checkpoint of ${anchorSize} has been released: it was restored from a backup or cut. Nothing is signed until the missing entries are back.`,
      retryAfterSeconds: 60,
    });
  }
}

/** The database has another history than the one that the log has shown. Nothing is signed on it. */
export class LogContradictsAnchor extends DomainError {
  constructor(readonly anchorSize: number) {
    super({
      code: 'log_contradicts_anchor',
      status: 503,
      title: 'The log does not match what it has shown and takes no new entries',
      detail: `The database's first ${anchorSize} entries are not those of the checkpoint that has been released. Nothing is signed until the right database is back.`,
      retryAfterSeconds: 60,
    });
  }
}

/** The certificates are others than those that were confirmed: whoever revokes looks again first. */
export class RevocationSetChanged extends DomainError {
  constructor(count: number) {
    super({
      code: 'revocation_set_changed',
      status: 409,
      title: 'The certificates to revoke are not those that were confirmed',
      detail: `Certificates were issued or revoked since: ${count} would be revoked now. Nothing was done.`,
      extensions: { count },
    });
  }
}

/** More certificates than are revoked in one piece: nothing was done. */
export class BulkTooLarge extends DomainError {
  constructor(limit: number) {
    super({
      code: 'bulk_too_large',
      status: 422,
      title: 'There are too many certificates to revoke in one piece',
      detail: `At most ${limit} are revoked in one piece. An issuer with more is revoked itself, by its root's CRL.`,
      extensions: { limit },
    });
  }
}

/** The log has no entry of this index. */
export class EntryNotFound extends DomainError {
  constructor() {
    super({ code: 'entry_not_found', status: 404, title: 'The log has no entry of this index' });
  }
}

/** A checkpoint in the log's place is signed by none of our keys: this is another log, or was signed behind our back. */
export class ForeignCheckpoint extends DomainError {
  constructor(cause: unknown) {
    super({
      code: 'foreign_checkpoint',
      status: 503,
      title: 'The last checkpoint of the log is not by its key',
      retryAfterSeconds: 60,
      cause,
    });
  }
}
