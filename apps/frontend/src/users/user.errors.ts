import { DomainError } from '@libs/http';

/** An administrator keeps the person out: 403, no session begins. */
export class UserDisabled extends DomainError {
  constructor() {
    super({
      code: 'user_disabled',
      status: 403,
      title: 'Your account is disabled here. Please ask your administrator',
    });
  }
}

export class UserNotFound extends DomainError {
  constructor() {
    super({ code: 'user_not_found', status: 404, title: 'There is no such user' });
  }
}

/** Whoever administers the users cannot shut themselves out: 409. */
export class OwnAccount extends DomainError {
  constructor() {
    super({ code: 'own_account', status: 409, title: 'You cannot disable your own account' });
  }
}
