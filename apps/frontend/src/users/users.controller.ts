import { CurrentUser, Roles } from '@libs/auth';
import type { Principal } from '@libs/auth';
import type { Page } from '@libs/contracts';
import { Refuses } from '@libs/http';
import { Body, Controller, Get, Header, Param, ParseUUIDPipe, Patch, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { nextLink } from '../credentials/page';
import { UserAdministration } from './user-administration.service';
import { ChangeUserDto, UserListQuery, userResponse } from './user.dto';
import type { UserResponse } from './user.dto';
import type { User } from './user.entity';
import { UserNotFound } from './user.errors';
import { UsersService } from './users.service';

/** An id that is no UUID names nobody. */
const userId = new ParseUUIDPipe({ exceptionFactory: () => new UserNotFound() });

/** People who have signed in, for administrators. */
@ApiTags('Users')
@Controller('api/v1/admin/users')
@Roles('service_administrator')
export class UsersController {
  constructor(
    private readonly administration: UserAdministration,
    private readonly users: UsersService,
  ) {}

  /** People who have signed in, newest first. */
  @Get()
  @Header('Cache-Control', 'no-store')
  async list(
    @Query() query: UserListQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<UserResponse>> {
    const { items, nextCursor } = await this.administration.list(query);
    if (nextCursor !== null) response.set('Link', nextLink(request, nextCursor));
    return { items: items.map((user) => this.responseOf(user)), next_cursor: nextCursor };
  }

  /**
   * One person.
   *
   * @param id as the list has it
   */
  @Get(':id')
  @Header('Cache-Control', 'no-store')
  @Refuses(404, 'user_not_found')
  async read(@Param('id', userId) id: string): Promise<UserResponse> {
    return this.responseOf(await this.administration.read(id));
  }

  /**
   * Keeps a person out, or lets them in again. Disabling ends every session of the person at once.
   *
   * @param id as the list has it
   */
  @Patch(':id')
  @Header('Cache-Control', 'no-store')
  @Refuses(404, 'user_not_found')
  @Refuses(409, 'own_account')
  async change(
    @Param('id', userId) id: string,
    @Body() { disabled }: ChangeUserDto,
    @CurrentUser() administrator: Principal,
  ): Promise<UserResponse> {
    return this.responseOf(await this.administration.setDisabled(id, disabled, administrator));
  }

  private responseOf(user: User): UserResponse {
    return userResponse(user, this.users.rolesOf(user.groups));
  }
}
