import {
  IsIsoUtc,
  type IsoUtc,
  MayBeLeftOut,
  REASONS_TO_REVOKE,
  REVOCATION_REASONS,
  type RevocationReason,
  type RevokedCertificatesResponse,
  type Uuid,
} from '@libs/contracts';
import { IsWholeNumber } from '@libs/http';
import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  ValidateIf,
} from 'class-validator';
import { AreLabels } from './psk-labels';
import { PSK_KINDS } from './psk.entity';
import type { Psk, PskKind } from './psk.entity';

/** Body of `POST /api/v1/admin/psks`. */
export class CreatePskDto {
  /** What it fetches: a server its bundle, a computer a profile. */
  @IsIn(PSK_KINDS)
  kind: PskKind;

  /**
   * CN of the certificates that the PSK fetches; for a server its DNS name, which the certificate carries as SAN too, and
   * by default the one that profiles insist on (`OPENVPN_SERVER_NAME`). A computer needs one.
   */
  @ValidateIf(({ kind, common_name }: CreatePskDto) => kind !== 'server' || common_name !== undefined)
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  common_name?: string;

  /** A server's template set (default `Default`), or the group whose client template a computer gets (default `default`). */
  @MayBeLeftOut()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  template_set?: string;

  /** For whoever reads the list. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(200)
  @Matches(/^\P{Cc}*$/u, { message: 'description must not have control characters' })
  description?: string;

  /** Networks in CIDR notation, IPv4 or IPv6, that it may be used from; without any, from anywhere. */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(32)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(49, { each: true })
  @ApiProperty({ type: [String], required: false, example: ['192.0.2.0/24', '2001:db8::/32'] })
  allowed_networks?: string[];

  /** To find it by: at most 16 names with a text each. */
  @MayBeLeftOut()
  @AreLabels()
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    selfRequired: false,
    example: { site: 'berlin' },
  })
  labels?: Record<string, string>;

  /** Without one the PSK works until it is revoked. */
  @MayBeLeftOut()
  @IsIsoUtc()
  expires_at?: string;

  /** How many certificates it may fetch in all; without one, any number. */
  @MayBeLeftOut()
  @IsWholeNumber(1, 1_000_000)
  use_limit?: number;
}

/** Body of `POST /api/v1/admin/psks/{id}/revocation`. */
export class RevokePskDto {
  /** Revokes what it fetched as well; otherwise that stays valid. */
  @MayBeLeftOut()
  @IsBoolean()
  @ApiProperty({ type: Boolean, required: false, default: false })
  revoke_certificates?: boolean;

  /** Of the certificates' revocation. */
  @MayBeLeftOut()
  @IsIn(REVOCATION_REASONS, { message: REASONS_TO_REVOKE })
  @ApiProperty({ enum: REVOCATION_REASONS, required: false, default: 'unspecified' })
  reason?: RevocationReason;

  /** For the log's private context. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(500)
  @Matches(/^[^\p{Cc}]*$/u, { message: 'comment must not have control characters' })
  comment?: string;
}

/** A PSK as administrators see it. */
export interface PskResponse {
  readonly id: Uuid;
  /** Names it in logs and in the certificate log. */
  readonly public_id: string;
  readonly kind: PskKind;
  /** CN of the certificates that it fetches. */
  readonly common_name: string;
  /** What it is rendered from. */
  readonly template_set: string;
  /** For whoever reads the list. */
  readonly description: string;
  /** CIDR; none: it may be used from anywhere. */
  readonly allowed_networks: readonly string[];
  /** To find it by. */
  readonly labels: Readonly<Record<string, string>>;
  /** Null: it works until it is revoked. */
  readonly expires_at: IsoUtc | null;
  /** How many certificates it may fetch in all; null: any number. */
  readonly use_limit: number | null;
  /** How many it has fetched. */
  readonly uses: number;
  readonly last_used_at: IsoUtc | null;
  readonly created_at: IsoUtc;
  /** Id of the administrator. */
  readonly created_by: Uuid;
  readonly revoked_at: IsoUtc | null;
  /** Id of the administrator; null while it is in force. */
  readonly revoked_by: Uuid | null;
}

/** The answer to creation: the only one that has the secret. */
export interface CreatedPskResponse extends PskResponse {
  /** To be sent as `Authorization: Bearer`; it is stored as a hash alone. */
  readonly secret: string;
  /** What is likely to go wrong with this PSK. */
  readonly warning?: string;
}

/** The answer to a revocation. */
export interface RevokedPskResponse extends PskResponse {
  /** What became of the certificates, if they were to be revoked. */
  readonly certificates?: RevokedCertificatesResponse;
}

export function pskResponse(psk: Psk): PskResponse {
  return {
    id: psk.id,
    public_id: psk.publicId,
    kind: psk.kind,
    common_name: psk.commonName,
    template_set: psk.templateSet,
    description: psk.description,
    allowed_networks: psk.allowedNetworks,
    labels: psk.labels,
    expires_at: psk.expiresAt?.toISOString() ?? null,
    use_limit: psk.useLimit,
    uses: psk.uses,
    last_used_at: psk.lastUsedAt?.toISOString() ?? null,
    created_at: psk.createdAt.toISOString(),
    created_by: psk.createdBy,
    revoked_at: psk.revokedAt?.toISOString() ?? null,
    revoked_by: psk.revokedBy,
  };
}
