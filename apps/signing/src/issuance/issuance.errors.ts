import { DomainError } from '@libs/http';

/** The signing request breaks the policy: 422, and the sentence says how to mend it. */
export class CsrNotAccepted extends DomainError {
  constructor(reason: string, message: string) {
    super({
      code: `csr_${reason}`,
      status: 422,
      title: 'The certificate signing request is not accepted',
      detail: message,
      errors: [{ field: 'csr', message }],
    });
  }
}

/** A field asks for what its kind of certificate does not have, or breaks a rule for names: 422. */
export class CertificateNotPossible extends DomainError {
  constructor(field: string, message: string) {
    super({
      code: 'certificate_not_possible',
      status: 422,
      title: 'A certificate like this is not issued',
      detail: message,
      errors: [{ field, message }],
    });
  }
}

/** The same `Idempotency-Key` came with another request: 422. */
export class IdempotencyKeyReused extends DomainError {
  constructor() {
    super({
      code: 'idempotency_key_reused',
      status: 422,
      title: 'The Idempotency-Key belongs to another request',
      detail: 'A certificate for another request carries this Idempotency-Key: every issuance needs a key of its own.',
    });
  }
}

/** The certificate of this issuance has been revoked since: 409, it is not handed out again. */
export class IssuanceRevoked extends DomainError {
  constructor() {
    super({
      code: 'issuance_revoked',
      status: 409,
      title: 'The certificate of this issuance has been revoked',
      detail: 'Ask for a new certificate under a new Idempotency-Key.',
    });
  }
}

/** As many issuances are in progress as the service takes: 503, come back in a second. Nothing was begun. */
export class TooManyIssuances extends DomainError {
  constructor() {
    super({
      code: 'too_many_issuances',
      status: 503,
      title: 'Too many issuances are in progress',
      retryAfterSeconds: 1,
    });
  }
}

/** The intermediate has expired or is not valid yet: 503 until an operator has put another in its place. */
export class IssuerUnusable extends DomainError {
  constructor(cause: Error) {
    super({
      code: 'issuer_not_valid',
      status: 503,
      title: 'The issuing certificate is not valid',
      retryAfterSeconds: 3600,
      cause,
    });
  }
}
