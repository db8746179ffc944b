import { DomainError } from '@libs/http';

export class TooManyReports extends DomainError {
  constructor(retryAfterSeconds: number) {
    super({ code: 'too_many_reports', status: 429, title: 'This server reports too often', retryAfterSeconds });
  }
}

/** One PSK stands for a handful of servers; more names than that are made up. */
export class TooManyServers extends DomainError {
  constructor() {
    super({ code: 'too_many_servers', status: 409, title: 'Too many servers report with this pre-shared key' });
  }
}
