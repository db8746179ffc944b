import { DomainError } from '@libs/http';

/** Reconciliation took the issuance over, because it lasted longer than its lease: what was made is revoked. */
export class IssuanceTimedOut extends DomainError {
  constructor() {
    super({
      code: 'issuance_timed_out',
      status: 503,
      title: 'Making the certificate took too long',
      retryAfterSeconds: 5,
    });
  }
}

/** The person belongs to no group that has a profile template, and there is none for everybody. */
export class NoProfileTemplate extends DomainError {
  constructor() {
    super({ code: 'no_profile_template', status: 403, title: 'There is no VPN profile for any of your groups' });
  }
}

/** An option or template set that does not exist, or no longer. */
export class TemplateChoiceUnknown extends DomainError {
  constructor(detail: string, cause: unknown) {
    super({ code: 'template_choice_unknown', status: 422, title: 'This choice does not exist', detail, cause });
  }
}
