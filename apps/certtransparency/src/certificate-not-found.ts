import { DomainError } from '@libs/http';

/** The log has never seen the certificate. */
export class CertificateNotFound extends DomainError {
  constructor() {
    super({ code: 'certificate_not_found', status: 404, title: 'The log does not know this certificate' });
  }
}
