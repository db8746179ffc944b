import {
  type AppendedEntry,
  CertificateLog,
  REVOCATION_REASON_CODES,
  type RevokeCertificateRequest,
  type RevokedCertificateResponse,
  UpstreamRefused,
  revocationReasonOf,
} from '@libs/contracts';
import { Clock } from '@libs/http';
import type { RevokedLeaf } from '@libs/tlog';
import { Injectable, Logger } from '@nestjs/common';
import { CrlPublisher } from '../crl/crl-publisher';
import { failPoints } from '../fail-points';
import { uselessRefusal } from '../log/entry-refused';
import { compactContext } from '../log/private-context';
import { ReceiptNotVerified, ReceiptVerifier } from '../log/receipt-verifier';
import { CertificateNotFound } from './revocation.errors';

/** How long an answer waits for the CRL; after that it says that the CRL is under way. */
const CRL_PATIENCE_MS = 5_000;

/**
 * Revokes certificates: an entry in the log, its receipt verified, then a CRL that names the certificate. Once the log has the
 * entry the certificate is revoked for ever; the CRL follows from the log alone, by whichever replica builds the next one.
 */
@Injectable()
export class RevocationService {
  private readonly logger = new Logger('RevocationService');

  constructor(
    private readonly log: CertificateLog,
    private readonly receipts: ReceiptVerifier,
    private readonly crl: CrlPublisher,
    private readonly clock: Clock,
  ) {}

  /** Idempotent: a second revocation answers the first one's reason and time. @throws CertificateNotFound, UpstreamUnavailable, EntryRefused, ReceiptNotVerified */
  async revoke(request: RevokeCertificateRequest): Promise<RevokedCertificateResponse> {
    const { index, known, leaf } = await this.record(request);
    const reason = revocationReasonOf(leaf.reason);
    if (reason === undefined) throw new ReceiptNotVerified('the recorded reason is unknown');
    if (!known) {
      this.logger.log({ msg: 'certificate revoked', fingerprint: request.fingerprint, reason, log_index: index });
    }
    return {
      fingerprint: request.fingerprint,
      reason,
      revoked_at: new Date(leaf.revokedAt).toISOString(),
      log_index: index,
      newly_revoked: !known,
      crl: (await this.crl.covers(leaf.issuer, index, CRL_PATIENCE_MS)) ? 'published' : 'pending',
    };
  }

  private async record(request: RevokeCertificateRequest): Promise<AppendedEntry & { readonly leaf: RevokedLeaf }> {
    const { fingerprint, reason } = request;
    const context = compactContext(request.context);
    const revokedAt = this.clock.now();
    failPoints.reach('revocation-asked');
    const appended = await this.append(fingerprint, reason, revokedAt, context);
    failPoints.reach('revocation-logged');
    const committed = appended.known ? undefined : { context, salt: appended.context_salt };
    const leaf = this.receipts.revoked(appended, Buffer.from(fingerprint, 'hex'), committed);
    const isOurs = leaf.reason === REVOCATION_REASON_CODES[reason] && leaf.revokedAt === revokedAt.getTime();
    if (!appended.known && !isOurs) throw new ReceiptNotVerified('the recorded revocation is not ours');
    failPoints.reach('revocation-verified');
    return { ...appended, leaf };
  }

  private async append(
    fingerprint: string,
    reason: RevokeCertificateRequest['reason'],
    revokedAt: Date,
    context: Record<string, string> | undefined,
  ): Promise<AppendedEntry> {
    try {
      return await this.log.append({
        type: 'revoked',
        fingerprint,
        reason,
        revoked_at: revokedAt.toISOString(),
        ...(context && { context }),
      });
    } catch (error) {
      if (!(error instanceof UpstreamRefused)) throw error;
      if (error.upstreamCode === 'certificate_not_found') throw new CertificateNotFound();
      throw uselessRefusal(error, 'revoked');
    }
  }
}
