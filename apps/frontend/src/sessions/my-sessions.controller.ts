import { AccessDenied, Authenticated, type AuthenticatedRequest, CurrentUser, type Principal } from '@libs/auth';
import type { Page } from '@libs/contracts';
import { Refuses } from '@libs/http';
import { Controller, Delete, Get, Header, HttpCode, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { PersonSessions } from './person-sessions.service';
import { sessionResponse } from './session.dto';
import type { SessionResponse } from './session.dto';
import { SessionsService } from './sessions.service';

/** The person who is signed in, and where. Open to everybody who is, whatever their roles. */
@ApiTags('Me')
@Controller('api/v1/me/sessions')
@Authenticated()
@Refuses(403, 'access_denied')
export class MySessionsController {
  constructor(
    private readonly sessions: PersonSessions,
    private readonly signedIn: SessionsService,
  ) {}

  /** The sessions of the person that have not ended, newest first. */
  @Get()
  @Header('Cache-Control', 'no-store')
  async list(@CurrentUser() user: Principal, @Req() request: AuthenticatedRequest): Promise<Page<SessionResponse>> {
    const currentId = this.currentId(request);
    const items = await this.sessions.list(user.userId);
    return { items: items.map((session) => sessionResponse(session, currentId)), next_cursor: null };
  }

  /** Ends every session of the person, the one that asks included. */
  @Delete()
  @HttpCode(204)
  async endAll(
    @CurrentUser() user: Principal,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    this.currentId(request);
    await this.sessions.endAll(user.userId);
    await this.signedIn.signOut(request, response);
  }

  /**
   * Ends one session of the person.
   *
   * @param id as the list has it
   */
  @Delete(':id')
  @HttpCode(204)
  @Refuses(404, 'session_not_found')
  async end(
    @CurrentUser() user: Principal,
    @Param('id') id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const isCurrent = this.currentId(request) === id;
    await this.sessions.end(user.userId, id);
    if (isCurrent) await this.signedIn.signOut(request, response);
  }

  /** A program's token is for what it was given for: its holder does not manage the person's browsers. */
  private currentId(request: AuthenticatedRequest): string | undefined {
    if (request.hasBearerCredential === true) throw new AccessDenied('Sessions are managed in a session: sign in');
    return this.signedIn.idOf(request);
  }
}
