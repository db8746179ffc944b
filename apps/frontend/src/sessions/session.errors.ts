import { DomainError } from '@libs/http';

/** No session with this id is the person's, or it has ended: 404. */
export class SessionNotFound extends DomainError {
  constructor() {
    super({ code: 'session_not_found', status: 404, title: 'There is no such session' });
  }
}
