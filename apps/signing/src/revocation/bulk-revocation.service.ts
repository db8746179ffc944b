import {
  type AppendedRevocations,
  type BulkRevocationOutcome,
  CertificateLog,
  REVOCATION_REASON_CODES,
  type RevokeCertificatesRequest,
  type RevokedCertificatesResponse,
  UpstreamRefused,
} from '@libs/contracts';
import { Clock, InvalidRequest } from '@libs/http';
import { Injectable, Logger } from '@nestjs/common';
import { CrlPublisher } from '../crl/crl-publisher';
import { uselessRefusal } from '../log/entry-refused';
import { compactContext } from '../log/private-context';
import { ReceiptVerifier } from '../log/receipt-verifier';
import { verifyRevoked } from './revoked-range';

/** How long an answer waits for the CRLs; after that it says that they are under way. */
const CRL_PATIENCE_MS = 10_000;
/** What the log says of the request and not of itself. */
const REFUSALS = ['revocation_set_changed', 'bulk_too_large'];
const CRITERIA = ['user', 'psk', 'issuer'] as const;

/** Revokes all certificates of a user, a pre-shared key or an issuer: in one piece, or not at all. */
@Injectable()
export class BulkRevocationService {
  private readonly logger = new Logger('BulkRevocation');

  constructor(
    private readonly log: CertificateLog,
    private readonly receipts: ReceiptVerifier,
    private readonly crl: CrlPublisher,
    private readonly clock: Clock,
  ) {}

  /**
   * Idempotent: what has been revoked stays as it is, and a confirmation whose certificates are revoked is answered as done.
   * @throws InvalidRequest, UpstreamRefused, UpstreamUnavailable, EntryRefused, ReceiptNotVerified
   */
  async revoke(request: RevokeCertificatesRequest): Promise<RevokedCertificatesResponse> {
    assertOneCriterion(request);
    const { reason } = request;
    const outcome = await this.record(request);
    if (outcome.known) {
      const { count, last_index: last, issuers } = outcome;
      const none = { newly_revoked: 0, first_index: null, last_index: null };
      return { reason, count, ...none, crl: await this.crlState(issuers, last) };
    }
    const { revoked, first_index: first } = outcome;
    const count = revoked.length;
    const indexes =
      count === 0 ? { first_index: null, last_index: null } : { first_index: first, last_index: first + count - 1 };
    this.logger.log({ msg: 'certificates revoked', count, reason, ...indexes });
    const issuers = new Set(revoked.map(({ issuer }) => issuer));
    return {
      reason,
      count,
      newly_revoked: count,
      ...indexes,
      crl: await this.crlState([...issuers], first + count - 1),
    };
  }

  private async record(request: RevokeCertificatesRequest): Promise<BulkRevocationOutcome> {
    const context = compactContext(request.context);
    const revokedAt = this.clock.now();
    const outcome = await this.append(request, revokedAt, context);
    if (outcome.known || isEmpty(outcome)) return outcome;
    const reason = REVOCATION_REASON_CODES[request.reason];
    await verifyRevoked(outcome, { reason, revokedAt, context, issuer: request.issuer }, this.receipts);
    return outcome;
  }

  private async append(
    { user, psk, issuer, reason, confirmation }: RevokeCertificatesRequest,
    revokedAt: Date,
    context: Record<string, string> | undefined,
  ): Promise<BulkRevocationOutcome> {
    try {
      return await this.log.revokeMany({
        ...(user !== undefined && { user_id: user }),
        ...(psk !== undefined && { psk_id: psk }),
        ...(issuer !== undefined && { issuer }),
        reason,
        revoked_at: revokedAt.toISOString(),
        ...(confirmation !== undefined && { confirmation }),
        ...(context && { context }),
      });
    } catch (error) {
      if (!(error instanceof UpstreamRefused) || REFUSALS.includes(error.upstreamCode)) throw error;
      throw uselessRefusal(error, 'revoked');
    }
  }

  /** Every CRL that has to name some of them. */
  private async crlState(issuers: readonly string[], lastIndex: number): Promise<'published' | 'pending'> {
    const covered = issuers.map((issuer) => this.crl.covers(Buffer.from(issuer, 'hex'), lastIndex, CRL_PATIENCE_MS));
    return (await Promise.all(covered)).every(Boolean) ? 'published' : 'pending';
  }
}

/** Nothing was appended, and so nothing is to be proven. */
const isEmpty = ({ revoked }: AppendedRevocations): boolean => revoked.length === 0;

function assertOneCriterion(request: RevokeCertificatesRequest): void {
  const given = CRITERIA.filter((name) => request[name] !== undefined);
  if (given.length === 1) return;
  const message = 'exactly one of fingerprint, user, psk and issuer must be given';
  throw new InvalidRequest([{ field: given[1] ?? 'fingerprint', message }]);
}
