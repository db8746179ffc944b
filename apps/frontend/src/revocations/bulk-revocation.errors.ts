import { DomainError } from '@libs/http';

/** So large a part of everything is at stake that somebody has to say that it is meant; nothing was done. */
export class RevocationFuseExceeded extends DomainError {
  constructor(facts: { readonly count: number; readonly active: number; readonly limitPercent: number }) {
    const { count, active, limitPercent } = facts;
    super({
      code: 'revocation_fuse_exceeded',
      status: 409,
      title: 'This would revoke a large share of all active certificates',
      detail: `${count} of ${active} active certificates would be revoked, more than the ${limitPercent} % that the setting bulk_revocation_fuse_percent lets through. Repeat with override_fuse if that is what you want. Nothing was done.`,
      extensions: { count, active_certificates: active, limit_percent: limitPercent },
    });
  }
}
