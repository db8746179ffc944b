import { DomainError } from '@libs/http';

export class ApiTokenNotFound extends DomainError {
  constructor() {
    super({ code: 'api_token_not_found', status: 404, title: 'There is no such API token' });
  }
}
