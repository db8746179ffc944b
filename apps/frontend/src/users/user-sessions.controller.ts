import { CurrentUser, Roles } from '@libs/auth';
import type { Principal } from '@libs/auth';
import type { Page } from '@libs/contracts';
import { Refuses } from '@libs/http';
import { Controller, Delete, Get, Header, HttpCode, Param, ParseUUIDPipe, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { PersonSessions } from '../sessions/person-sessions.service';
import { sessionResponse } from '../sessions/session.dto';
import type { SessionResponse } from '../sessions/session.dto';
import { SessionsService } from '../sessions/sessions.service';
import { UserAdministration } from './user-administration.service';
import { UserNotFound } from './user.errors';

/** An id that is no UUID names nobody. */
const userId = new ParseUUIDPipe({ exceptionFactory: () => new UserNotFound() });

/** Where a person is signed in, for administrators. What they end here is gone with its next request. */
@ApiTags('Users')
@Controller('api/v1/admin/users/:id/sessions')
@Roles('service_administrator')
export class UserSessionsController {
  constructor(
    private readonly administration: UserAdministration,
    private readonly sessions: PersonSessions,
    private readonly signedIn: SessionsService,
  ) {}

  /**
   * The sessions of a person that have not ended, newest first.
   *
   * @param id of the person
   */
  @Get()
  @Header('Cache-Control', 'no-store')
  @Refuses(404, 'user_not_found')
  async list(@Param('id', userId) id: string, @Req() request: Request): Promise<Page<SessionResponse>> {
    await this.administration.read(id);
    const items = await this.sessions.list(id);
    const currentId = this.signedIn.idOf(request);
    return { items: items.map((session) => sessionResponse(session, currentId)), next_cursor: null };
  }

  /**
   * Ends every session of a person.
   *
   * @param id of the person
   */
  @Delete()
  @HttpCode(204)
  @Refuses(404, 'user_not_found')
  async endAll(@Param('id', userId) id: string, @CurrentUser() administrator: Principal): Promise<void> {
    await this.administration.endSessions(id, administrator);
  }

  /**
   * Ends one session of a person.
   *
   * @param id of the person
   * @param session as the list has it
   */
  @Delete(':session')
  @HttpCode(204)
  @Refuses(404, 'user_not_found', 'session_not_found')
  async end(
    @Param('id', userId) id: string,
    @Param('session') session: string,
    @CurrentUser() administrator: Principal,
  ): Promise<void> {
    await this.administration.endSession(id, session, administrator);
  }
}
