import type { Principal } from '@libs/auth';
import { LogReader, SHA256_HEX, SigningClient } from '@libs/contracts';
import type { CertificateRecord, Page, RevokedCertificateResponse } from '@libs/contracts';
import { Injectable, Logger } from '@nestjs/common';
import { requestFields } from '../issuances/requester';
import type { RequestContext } from '../issuances/request-context';
import type { CertificateListQuery, RevokeCertificateDto } from './certificate.dto';
import { CertificateNotFound } from './certificate-not-found';

/** What administrators and auditors do with certificates. The log is the only source, and revoking is signing's. */
@Injectable()
export class CertificatesService {
  private readonly logger = new Logger('Certificates');

  constructor(
    private readonly log: LogReader,
    private readonly signing: SigningClient,
  ) {}

  async search(query: CertificateListQuery): Promise<Page<CertificateRecord>> {
    const { type, user, psk, subject, ...alike } = query;
    return this.log.search({
      ...alike,
      ...(type === undefined ? {} : { kind: type }),
      ...(user === undefined ? {} : { user_id: user }),
      ...(psk === undefined ? {} : { psk_id: psk }),
      ...(subject === undefined ? {} : { common_name: subject }),
    });
  }

  /** @throws CertificateNotFound */
  async read(fingerprint: string): Promise<CertificateRecord> {
    const record = SHA256_HEX.test(fingerprint) ? await this.log.certificate(fingerprint) : null;
    if (record === null) throw new CertificateNotFound();
    return record;
  }

  /**
   * Revokes for good. A certificate that has been revoked keeps the reason and time of the first revocation.
   *
   * @throws CertificateNotFound
   */
  async revoke(
    fingerprint: string,
    { reason, comment }: RevokeCertificateDto,
    administrator: Principal,
    request: RequestContext,
  ): Promise<RevokedCertificateResponse> {
    if (!SHA256_HEX.test(fingerprint)) throw new CertificateNotFound();
    const context = {
      actor: `user:${administrator.userId}`,
      ...(comment === undefined ? {} : { comment }),
      ...requestFields(request),
    };
    const revoked = await this.signing.revoke({ fingerprint, reason, context });
    this.logger.log({ msg: 'certificate revoked', fingerprint, reason, by: administrator.userId });
    return revoked;
  }
}
