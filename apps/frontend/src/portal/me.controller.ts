import { Authenticated, CurrentUser, type Principal, type Role } from '@libs/auth';
import type { Uuid } from '@libs/contracts';
import { Controller, Get, Header, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { sessionOf } from '../sessions/session.store';

/** The signed-in person, as the API shows them. */
export interface MeResponse {
  readonly id: Uuid;
  /** As the identity provider has it. */
  readonly name: string;
  /** As the identity provider has it. */
  readonly email: string | null;
  /** As the identity provider named them at the last login. */
  readonly groups: readonly string[];
  /** What they may do. */
  readonly roles: readonly Role[];
  /** To be sent as `X-CSRF-Token` with every request that changes something. */
  readonly csrf_token: string | null;
}

/** The person who is signed in, and where. Open to everybody who is, whatever their roles. */
@ApiTags('Me')
@Controller('api/v1/me')
export class MeController {
  /** The person who is signed in, and what they may do. */
  @Authenticated()
  @Get()
  @Header('Cache-Control', 'no-store')
  me(@CurrentUser() user: Principal, @Req() request: Request): MeResponse {
    const { userId: id, name, email, groups, roles } = user;
    return { id, name, email, groups, roles, csrf_token: sessionOf(request)?.csrfToken ?? null };
  }
}
