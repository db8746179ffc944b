import { DomainError } from '@libs/http';

export class CertificateNotFound extends DomainError {
  constructor() {
    super({ code: 'certificate_not_found', status: 404, title: 'There is no such certificate' });
  }
}
