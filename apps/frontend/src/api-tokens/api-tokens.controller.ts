import { CurrentUser, Roles } from '@libs/auth';
import type { Principal } from '@libs/auth';
import { type Page, PageQuery } from '@libs/contracts';
import { Refuses } from '@libs/http';
import { Body, Controller, Get, Header, HttpCode, Param, ParseUUIDPipe, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { nextLink } from '../credentials/page';
import { apiTokenResponse, CreateApiTokenDto } from './api-token.dto';
import type { ApiTokenResponse, CreatedApiTokenResponse } from './api-token.dto';
import { ApiTokenNotFound } from './api-token.errors';
import { ApiTokensService } from './api-tokens.service';

/** An id that is no UUID names nothing that exists. */
const tokenId = new ParseUUIDPipe({ exceptionFactory: () => new ApiTokenNotFound() });

/** API tokens: how programs use the administration. */
@ApiTags('API tokens')
@Controller('api/v1/admin/api-tokens')
@Roles('service_administrator')
export class ApiTokensController {
  constructor(private readonly tokens: ApiTokensService) {}

  /** Makes an API token. The answer has the secret, which is shown this once. Needs a session: no token makes another. */
  @Post()
  @Header('Cache-Control', 'no-store')
  async create(
    @Body() { name, scopes, expires_at }: CreateApiTokenDto,
    @CurrentUser() user: Principal,
  ): Promise<CreatedApiTokenResponse> {
    const { token, secret } = await this.tokens.create({ name, scopes, expiresAt: new Date(expires_at) }, user);
    return { ...apiTokenResponse(token), secret };
  }

  /** All API tokens, newest first. */
  @Get()
  @Header('Cache-Control', 'no-store')
  async list(
    @Query() query: PageQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<ApiTokenResponse>> {
    const { items, nextCursor } = await this.tokens.list(query);
    if (nextCursor !== null) response.set('Link', nextLink(request, nextCursor));
    return { items: items.map(apiTokenResponse), next_cursor: nextCursor };
  }

  /**
   * One API token.
   *
   * @param id as the list has it
   */
  @Get(':id')
  @Header('Cache-Control', 'no-store')
  @Refuses(404, 'api_token_not_found')
  async read(@Param('id', tokenId) id: string): Promise<ApiTokenResponse> {
    return apiTokenResponse(await this.tokens.read(id));
  }

  /**
   * Ends an API token. Revoking twice answers as the first time did.
   *
   * @param id as the list has it
   */
  @Post(':id/revocation')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Refuses(404, 'api_token_not_found')
  async revoke(@Param('id', tokenId) id: string, @CurrentUser() user: Principal): Promise<ApiTokenResponse> {
    return apiTokenResponse(await this.tokens.revoke(id, user));
  }
}
