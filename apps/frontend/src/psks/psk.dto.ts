import { IsIsoUtc } from '@libs/contracts';
import { IsWholeNumber } from '@libs/http';
import { IsIn, IsOptional, IsString, Matches, MaxLength, MinLength, ValidateIf } from 'class-validator';
import { PSK_KINDS } from './psk.entity';
import type { Psk, PskKind } from './psk.entity';

/** Body of `POST /api/v1/admin/psks`. */
export class CreatePskDto {
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
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  template_set?: string;

  @IsOptional()
  @IsString()
  @MaxLength(200)
  @Matches(/^\P{Cc}*$/u, { message: 'description must not have control characters' })
  description?: string;

  /** Without one the PSK works until it is revoked. */
  @IsOptional()
  @IsIsoUtc()
  expires_at?: string;

  /** How many certificates it may fetch in all; without one, any number. */
  @IsOptional()
  @IsWholeNumber(1, 1_000_000)
  use_limit?: number;
}

/** A PSK as administrators see it. */
export interface PskResponse {
  readonly id: string;
  readonly public_id: string;
  readonly kind: PskKind;
  readonly common_name: string;
  readonly template_set: string;
  readonly description: string;
  readonly expires_at: string | null;
  readonly use_limit: number | null;
  readonly uses: number;
  readonly last_used_at: string | null;
  readonly created_at: string;
  readonly created_by: string;
  readonly revoked_at: string | null;
  readonly revoked_by: string | null;
}

/** The answer to creation: the only one that has the secret. */
export interface CreatedPskResponse extends PskResponse {
  readonly secret: string;
  /** What is likely to go wrong with this PSK. */
  readonly warning?: string;
}

export function pskResponse(psk: Psk): PskResponse {
  return {
    id: psk.id,
    public_id: psk.publicId,
    kind: psk.kind,
    common_name: psk.commonName,
    template_set: psk.templateSet,
    description: psk.description,
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
