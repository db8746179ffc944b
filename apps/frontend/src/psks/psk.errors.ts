import { DomainError } from '@libs/http';

/** The PSK is missing, malformed, unknown, revoked, expired or used up; the answer does not tell which. */
export class PskRejected extends DomainError {
  constructor() {
    super({
      code: 'psk_rejected',
      status: 401,
      title: 'A valid pre-shared key is required',
      headers: { 'WWW-Authenticate': 'Bearer realm="psk"' },
    });
  }
}

/** A good PSK of the other kind. */
export class PskKindNotAllowed extends DomainError {
  constructor() {
    super({ code: 'psk_kind_not_allowed', status: 403, title: 'This pre-shared key is for another kind of machine' });
  }
}

export class PskNotFound extends DomainError {
  constructor() {
    super({ code: 'psk_not_found', status: 404, title: 'There is no such pre-shared key' });
  }
}
