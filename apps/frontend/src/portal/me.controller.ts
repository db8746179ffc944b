import { Authenticated, CurrentUser, type Principal } from '@libs/auth';
import { Controller, Get, Header, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';

/** The signed-in person, as the API shows them. */
export interface MeResponse {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  /** To be sent as `X-CSRF-Token` with every request that changes something. */
  readonly csrf_token: string | null;
}

@ApiTags('me')
@Controller('api/v1/me')
export class MeController {
  @Authenticated()
  @Get()
  @Header('Cache-Control', 'no-store')
  me(@CurrentUser() user: Principal, @Req() request: Request): MeResponse {
    const { userId: id, name, email, groups, roles } = user;
    return { id, name, email, groups, roles, csrf_token: request.session.csrfToken ?? null };
  }
}
