import type { Principal } from '@libs/auth';
import {
  type RevocationReason,
  type RevokedCertificateResponse,
  type RevokedCertificatesResponse,
  SigningClient,
} from '@libs/contracts';
import { Injectable, Logger } from '@nestjs/common';
import { requestFields } from '../issuances/requester';
import type { RequestContext } from '../issuances/request-context';
import { KnownRevocations } from './known-revocations.service';
import { MyCertificatesService } from './my-certificates.service';

/** People who revoke what is theirs. */
@Injectable()
export class MyRevocations {
  private readonly logger = new Logger('MyRevocations');

  constructor(
    private readonly certificates: MyCertificatesService,
    private readonly revocations: KnownRevocations,
    private readonly signing: SigningClient,
  ) {}

  /**
   * Revokes for good. A certificate that has been revoked keeps the reason and time of the first revocation.
   *
   * @throws CertificateNotFound also for one of somebody else
   */
  async revoke(
    user: Principal,
    fingerprint: string,
    reason: RevocationReason,
    request: RequestContext,
  ): Promise<RevokedCertificateResponse> {
    const { userId } = user;
    await this.certificates.find(userId, fingerprint);
    const context = { user_id: userId, actor: `user:${userId}`, ...requestFields(request) };
    const revoked = await this.signing.revoke({ fingerprint, reason, context });
    await this.revocations.remember([fingerprint]);
    this.logger.log({ msg: 'certificate revoked by its owner', fingerprint, reason, user_id: userId });
    return revoked;
  }

  /** Revokes every certificate that still works, in one piece. */
  async revokeAll(
    { userId }: Principal,
    reason: RevocationReason,
    request: RequestContext,
  ): Promise<RevokedCertificatesResponse> {
    const context = { user_id: userId, actor: `user:${userId}`, ...requestFields(request) };
    const revoked = await this.signing.revokeMany({ user: userId, reason, context });
    this.logger.log({ msg: 'certificates revoked by their owner', count: revoked.count, reason, user_id: userId });
    return revoked;
  }
}
