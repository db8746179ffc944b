import type { Principal } from '@libs/auth';
import { LogReader, SHA256_HEX, SigningClient, UpstreamRefused } from '@libs/contracts';
import type { CertificateRecord, Page, RevokedCertificateResponse } from '@libs/contracts';
import { Injectable, Logger } from '@nestjs/common';
import { RecordedCalls } from '../events/recorded-calls.service';
import { requestFields } from '../issuances/requester';
import type { RequestContext } from '../issuances/request-context';
import type { CertificateListQuery, RevokeCertificateDto } from './certificate.dto';
import { CertificateNotFound } from './certificate-not-found';

const ACTIONS = {
  requested: 'certificate.revocation_requested',
  done: 'certificate.revoked',
  failed: 'certificate.revocation_failed',
} as const;

/** What administrators and auditors do with certificates. The log is the only source, and revoking is signing's. */
@Injectable()
export class CertificatesService {
  private readonly logger = new Logger('Certificates');

  constructor(
    private readonly log: LogReader,
    private readonly signing: SigningClient,
    private readonly recorded: RecordedCalls,
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
   * The proof that the certificate stands in the log, under its latest checkpoint: a receipt, C2SP tlog-proof.
   *
   * @throws CertificateNotFound
   */
  async proof(fingerprint: string): Promise<string> {
    if (!SHA256_HEX.test(fingerprint)) throw new CertificateNotFound();
    try {
      return await this.log.receipt(fingerprint);
    } catch (error) {
      if (error instanceof UpstreamRefused && error.upstreamStatus === 404) throw new CertificateNotFound();
      throw error;
    }
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
    const revoked = await this.recorded.make({
      actor: administrator,
      objectId: fingerprint,
      actions: ACTIONS,
      details: { reason },
      call: async () => this.signing.revoke({ fingerprint, reason, context }),
      outcome: ({ newly_revoked, log_index }) => ({ newly_revoked, log_index }),
    });
    this.logger.log({ msg: 'certificate revoked', fingerprint, reason, by: administrator.userId });
    return revoked;
  }
}
