import {
  BULK_CONFIRMATION,
  IsSha256Hex,
  MAX_BULK_REVOCATION,
  MayBeLeftOut,
  REASONS_TO_REVOKE,
  REVOCATION_REASONS,
  type RevocationReason,
  type RevokedCertificatesResponse,
  UUID,
} from '@libs/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsString, Matches, MaxLength, ValidateIf } from 'class-validator';
import { PSK_PUBLIC_ID } from '../psks/psk-secret';
import type { BulkPreview } from './bulk-revocations.service';

const PSK = new RegExp(`${UUID.source}|${PSK_PUBLIC_ID.source}`);

/** Body of `POST /api/v1/admin/revocations`. Exactly one of `user`, `psk` and `issuer` says whose certificates are meant. */
export class BulkRevocationDto {
  /** Id of a user. */
  @MayBeLeftOut()
  @Matches(UUID, { message: 'user must be the id of a user, a UUID in lower case' })
  user?: string;

  /** Id or public id of a pre-shared key. */
  @MayBeLeftOut()
  @Matches(PSK, { message: 'psk must be the id or the public_id of a pre-shared key' })
  psk?: string;

  /** SHA-256 of the issuer's SubjectPublicKeyInfo. */
  @MayBeLeftOut()
  @IsSha256Hex()
  issuer?: string;

  /** Needed unless it is a dry run. */
  @ValidateIf(({ dry_run, reason }: BulkRevocationDto) => !dry_run || reason !== undefined)
  @IsIn(REVOCATION_REASONS, { message: REASONS_TO_REVOKE })
  @ApiProperty({ enum: REVOCATION_REASONS, required: false })
  reason?: RevocationReason;

  /** For the log's private context. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(500)
  @Matches(/^[^\p{Cc}]*$/u, { message: 'comment must not have control characters' })
  comment?: string;

  /** Only says what would be revoked. */
  @IsBoolean()
  dry_run: boolean = true;

  /** The dry run's, unless it is one: if other certificates would be revoked by now, nothing is done. */
  @ValidateIf(({ dry_run, confirmation }: BulkRevocationDto) => !dry_run || confirmation !== undefined)
  @IsString()
  @Matches(BULK_CONFIRMATION, { message: 'confirmation must be the one that the dry run answered' })
  @ApiProperty({ type: String, required: false })
  confirmation?: string;

  /** Goes on although it is a larger share of all active certificates than the fuse lets through. */
  @IsBoolean()
  override_fuse: boolean = false;
}

/** Answer to a dry run. */
export interface BulkRevocationDryRunResponse {
  /** Nothing was revoked. */
  readonly dry_run: true;
  /** How many certificates would be revoked. */
  readonly count: number;
  /** Of all users, keys and issuers. */
  readonly active_certificates: number;
  /** Whether it is a larger share of all active certificates than goes by itself. */
  readonly fuse: {
    /**
     * To two decimals.
     *
     * @format double
     */
    readonly share_percent: number;
    /** The setting `bulk_revocation_fuse_percent`. */
    readonly limit_percent: number;
    /** Then the real call needs `override_fuse`. */
    readonly exceeded: boolean;
  };
  /** More than so many are not revoked in one piece. */
  readonly max_count: number;
  /** To be repeated by the real call. */
  readonly confirmation: string;
}

/** Answer to the real call. */
export interface BulkRevocationResponse extends RevokedCertificatesResponse {
  /** All of them are revoked. */
  readonly dry_run: false;
}

export function dryRunResponse({ count, active, fuse, confirmation }: BulkPreview): BulkRevocationDryRunResponse {
  return {
    dry_run: true,
    count,
    active_certificates: active,
    fuse: { share_percent: fuse.sharePercent, limit_percent: fuse.limitPercent, exceeded: fuse.exceeded },
    max_count: MAX_BULK_REVOCATION,
    confirmation,
  };
}
