import { API_SCOPES, type ApiScope } from '@libs/auth';
import { IsIsoUtc, type IsoUtc, type Uuid } from '@libs/contracts';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsString,
  Matches,
  MaxLength,
  MinLength,
} from 'class-validator';
import type { ApiToken } from './api-token.entity';

/** Body of `POST /api/v1/admin/api-tokens`. */
export class CreateApiTokenDto {
  /** What the token is for, to whoever reads the list. */
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  @Matches(/^\P{Cc}*$/u, { message: 'name must not have control characters' })
  name: string;

  /** What it may be used for. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(API_SCOPES.length)
  @ArrayUnique()
  @IsIn(API_SCOPES, { each: true })
  scopes: ApiScope[];

  /** At most 366 days from now. */
  @IsIsoUtc()
  expires_at: string;
}

/** An API token as administrators see it. */
export interface ApiTokenResponse {
  readonly id: Uuid;
  /** Names it in logs. */
  readonly public_id: string;
  /** What it is for. */
  readonly name: string;
  /** What it may be used for. */
  readonly scopes: readonly ApiScope[];
  readonly created_at: IsoUtc;
  /** Id of the administrator. */
  readonly created_by: Uuid;
  readonly expires_at: IsoUtc;
  /** To the minute. */
  readonly last_used_at: IsoUtc | null;
  readonly revoked_at: IsoUtc | null;
  /** Id of the administrator; null while it is in force. */
  readonly revoked_by: Uuid | null;
}

/** The answer to creation: the only one that has the secret. */
export interface CreatedApiTokenResponse extends ApiTokenResponse {
  /** To be sent as `Authorization: Bearer`; it is stored as a hash alone. */
  readonly secret: string;
}

export function apiTokenResponse(token: ApiToken): ApiTokenResponse {
  return {
    id: token.id,
    public_id: token.publicId,
    name: token.name,
    scopes: token.scopes,
    created_at: token.createdAt.toISOString(),
    created_by: token.createdBy,
    expires_at: token.expiresAt.toISOString(),
    last_used_at: token.lastUsedAt?.toISOString() ?? null,
    revoked_at: token.revokedAt?.toISOString() ?? null,
    revoked_by: token.revokedBy,
  };
}
