import type { Role } from '@libs/auth';
import { type IsoUtc, PageQuery, type Uuid } from '@libs/contracts';
import { IsBoolean, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import type { User } from './user.entity';

/** Query of `GET /api/v1/admin/users`. */
export class UserListQuery extends PageQuery {
  /** A part of the name or e-mail address, in upper or lower case. */
  @IsOptional()
  @IsString()
  @MinLength(3)
  @MaxLength(100)
  @Matches(/^\P{Cc}*$/u, { message: 'search must not have control characters' })
  search?: string;
}

/** Body of `PATCH /api/v1/admin/users/{id}`. */
export class ChangeUserDto {
  /** True keeps the person out, whatever the identity provider says: no login, no session, no token. */
  @IsBoolean()
  disabled: boolean;
}

/** A person as administrators see them: as the identity provider said at the last login. */
export interface UserResponse {
  readonly id: Uuid;
  /** The identity provider. */
  readonly issuer: string;
  /** What the identity provider knows the person by. */
  readonly subject: string;
  /** As the identity provider has it. */
  readonly name: string;
  /** As the identity provider has it. */
  readonly email: string | null;
  /** As the identity provider named them at the last login. */
  readonly groups: readonly string[];
  /** What the groups give by the configuration of this moment. */
  readonly roles: readonly Role[];
  /** Of the first login. */
  readonly created_at: IsoUtc;
  readonly last_login_at: IsoUtc;
  /** Null for whoever may sign in. */
  readonly disabled_at: IsoUtc | null;
}

export function userResponse(user: User, roles: readonly Role[]): UserResponse {
  return {
    id: user.id,
    issuer: user.issuer,
    subject: user.subject,
    name: user.name,
    email: user.email,
    groups: user.groups,
    roles,
    created_at: user.createdAt.toISOString(),
    last_login_at: user.lastLoginAt.toISOString(),
    disabled_at: user.disabledAt?.toISOString() ?? null,
  };
}
