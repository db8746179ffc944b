import type { Principal } from '@libs/auth';
import {
  type BulkRevocationPreview,
  LogReader,
  type RevocationReason,
  type RevokedCertificatesResponse,
  SigningClient,
} from '@libs/contracts';
import { Injectable, Logger } from '@nestjs/common';
import { RecordedCalls } from '../events/recorded-calls.service';
import { requestFields } from '../issuances/requester';
import type { RequestContext } from '../issuances/request-context';
import { Settings } from '../settings/settings.service';
import { RevocationFuseExceeded } from './bulk-revocation.errors';

/** Whose certificates: a user's by id, a pre-shared key's by public id, an issuer's by the SHA-256 of its SPKI. */
export interface BulkCriterion {
  readonly by: 'user' | 'psk' | 'issuer';
  readonly value: string;
}

export interface BulkOrder {
  readonly reason: RevocationReason;
  readonly comment?: string | undefined;
  /** Of a preview; undefined: whatever is active at that moment. */
  readonly confirmation?: string | undefined;
  readonly overrideFuse: boolean;
}

/** What would be revoked. */
export interface BulkPreview extends BulkRevocationPreview {
  /** Valid certificates in all. */
  readonly active: number;
  readonly fuse: { readonly sharePercent: number; readonly limitPercent: number; readonly exceeded: boolean };
}

const ACTIONS = {
  requested: 'bulk_revocation.requested',
  done: 'bulk_revocation.completed',
  failed: 'bulk_revocation.failed',
} as const;

/** Revoking all certificates of a user, a pre-shared key or an issuer: in one piece, or not at all. */
@Injectable()
export class BulkRevocations {
  private readonly logger = new Logger('BulkRevocations');

  constructor(
    private readonly log: LogReader,
    private readonly signing: SigningClient,
    private readonly settings: Settings,
    private readonly recorded: RecordedCalls,
  ) {}

  async preview({ by, value }: BulkCriterion): Promise<BulkPreview> {
    const criteria = by === 'issuer' ? { issuer: value } : { [`${by}_id`]: value };
    const [preview, { by_status: statuses }, settings] = await Promise.all([
      this.log.previewBulkRevocation(criteria),
      this.log.statistics({ days: 1 }),
      this.settings.current(),
    ]);
    const share = (100 * preview.count) / Math.max(statuses.valid, preview.count, 1);
    const limitPercent = settings.bulk_revocation_fuse_percent;
    const fuse = { sharePercent: Math.round(share * 100) / 100, limitPercent, exceeded: share > limitPercent };
    return { ...preview, active: statuses.valid, fuse };
  }

  /**
   * Revokes for good. With a confirmation, a repetition of a call whose answer was lost is answered as done.
   *
   * @throws RevocationFuseExceeded, UpstreamRefused (`revocation_set_changed`, `bulk_too_large`): nothing was done
   */
  async revoke(
    criterion: BulkCriterion,
    { reason, comment, confirmation, overrideFuse }: BulkOrder,
    administrator: Principal,
    request: RequestContext,
  ): Promise<RevokedCertificatesResponse> {
    const { count, active, fuse } = await this.preview(criterion);
    if (fuse.exceeded && !overrideFuse) throw new RevocationFuseExceeded({ count, active, ...fuse });
    const context = {
      actor: `user:${administrator.userId}`,
      ...(comment === undefined ? {} : { comment }),
      ...requestFields(request),
    };
    const { by, value } = criterion;
    const revoked = await this.recorded.make({
      actor: administrator,
      objectId: `${by}:${value}`,
      actions: ACTIONS,
      details: { reason, count, confirmation: confirmation ?? null, override_fuse: overrideFuse },
      call: async () =>
        this.signing.revokeMany({ [by]: value, reason, context, ...(confirmation !== undefined && { confirmation }) }),
      outcome: (done) => ({
        count: done.count,
        newly_revoked: done.newly_revoked,
        first_index: done.first_index,
        last_index: done.last_index,
      }),
    });
    this.logger.log({ msg: 'certificates revoked', by, count: revoked.newly_revoked, reason });
    return revoked;
  }
}
