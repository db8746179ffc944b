import { DomainError } from '@libs/http';

/** The log has never seen the certificate: 404. */
export class CertificateNotFound extends DomainError {
  constructor() {
    super({ code: 'certificate_not_found', status: 404, title: 'There is no certificate with this fingerprint' });
  }
}
