import { Type } from 'class-transformer';
import { IsIn, IsString, Matches, MaxLength, ValidateNested } from 'class-validator';
import { BULK_CONFIRMATION } from '../log/bulk-revocations.dto';
import { PrivateContext } from '../private-context.dto';
import { IsSha256Hex, MayBeLeftOut, REASONS_TO_REVOKE, REVOCATION_REASONS, type RevocationReason, UUID } from '../wire';

/**
 * Body of `POST /api/v1/revocations` for many: all certificates of one user, pre-shared key or issuer that are neither revoked nor
 * expired. Exactly one of the three is given.
 */
export class RevokeCertificatesRequest {
  /** The frontend's id of a user. */
  @MayBeLeftOut()
  @Matches(UUID, { message: 'user must be a UUID in lower case' })
  user?: string;

  /** Public id of a pre-shared key. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(64)
  @Matches(/^[^\p{Cc}]+$/u, { message: 'psk must not be empty or have control characters' })
  psk?: string;

  /** SHA-256 of the issuer's SubjectPublicKeyInfo. */
  @MayBeLeftOut()
  @IsSha256Hex()
  issuer?: string;

  /** Of each of them. */
  @IsIn(REVOCATION_REASONS, { message: REASONS_TO_REVOKE })
  reason: RevocationReason;

  /** Of the log's preview: the certificates must still be the same ones. Without it, those that are active at that moment. */
  @MayBeLeftOut()
  @IsString()
  @Matches(BULK_CONFIRMATION, { message: 'confirmation must be one that a preview answered' })
  confirmation?: string;

  /** Who asked, for the log. */
  @MayBeLeftOut()
  @ValidateNested()
  @Type(() => PrivateContext)
  context?: PrivateContext;
}

/** What a revocation of many came to: all of them are revoked. */
export interface RevokedCertificatesResponse {
  readonly reason: RevocationReason;
  /** All of them are revoked now. */
  readonly count: number;
  /** `count`, or 0 when those that were confirmed had been revoked before, with a reason and time of their own. */
  readonly newly_revoked: number;
  /** Log index of the first of the new revocations, which follow each other without a gap; null when there are none. */
  readonly first_index: number | null;
  /** Of the last of them. */
  readonly last_index: number | null;
  /** `published` once CRLs that name all of them are served; `pending` when that is still under way. */
  readonly crl: 'published' | 'pending';
}
