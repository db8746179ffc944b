import { CurrentUser, Roles } from '@libs/auth';
import type { Principal } from '@libs/auth';
import { type Page, PageQuery } from '@libs/contracts';
import { Refuses } from '@libs/http';
import { Body, Controller, Get, Header, HttpCode, Param, ParseUUIDPipe, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { nextLink } from '../credentials/page';
import { requestContextOf } from '../issuances/request-context';
import { PskNotFound } from './psk.errors';
import { CreatePskDto, pskResponse, RevokePskDto } from './psk.dto';
import type { CreatedPskResponse, PskResponse, RevokedPskResponse } from './psk.dto';
import { PskRevocations } from './psk-revocations.service';
import { PskAdministration } from './psk-administration.service';

/** An id that is no UUID names nothing that exists. */
const pskId = new ParseUUIDPipe({ exceptionFactory: () => new PskNotFound() });

/** Pre-shared keys: what servers and unattended computers fetch their certificates with. */
@ApiTags('Pre-shared keys')
@Controller('api/v1/admin/psks')
@Roles('system_administrator')
export class PsksController {
  constructor(
    private readonly psks: PskAdministration,
    private readonly revocations: PskRevocations,
  ) {}

  /** Makes a pre-shared key. The answer has the secret, which is shown this once. */
  @Post()
  @Header('Cache-Control', 'no-store')
  async create(@Body() body: CreatePskDto, @CurrentUser() user: Principal): Promise<CreatedPskResponse> {
    const { psk, secret, warning } = await this.psks.create(
      {
        kind: body.kind,
        commonName: body.common_name,
        templateSet: body.template_set,
        description: body.description,
        allowedNetworks: body.allowed_networks,
        labels: body.labels,
        expiresAt: body.expires_at === undefined ? undefined : new Date(body.expires_at),
        useLimit: body.use_limit,
      },
      user,
    );
    return { ...pskResponse(psk), secret, ...(warning === undefined ? {} : { warning }) };
  }

  /** All pre-shared keys, newest first. */
  @Get()
  async list(
    @Query() query: PageQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<PskResponse>> {
    const { items, nextCursor } = await this.psks.list(query);
    if (nextCursor !== null) response.set('Link', nextLink(request, nextCursor));
    return { items: items.map(pskResponse), next_cursor: nextCursor };
  }

  /**
   * One pre-shared key.
   *
   * @param id as the list has it
   */
  @Get(':id')
  @Refuses(404, 'psk_not_found')
  async read(@Param('id', pskId) id: string): Promise<PskResponse> {
    return pskResponse(await this.psks.read(id));
  }

  /**
   * Ends a pre-shared key, and on request what it fetched. Revoking twice answers as the first time did.
   *
   * @param id as the list has it
   */
  @Post(':id/revocation')
  @HttpCode(200)
  @Refuses(404, 'psk_not_found')
  @Refuses(503, 'signing_unavailable', 'certtransparency_unavailable')
  async revoke(
    @Param('id', pskId) id: string,
    @Body() { revoke_certificates, reason = 'unspecified', comment }: RevokePskDto,
    @CurrentUser() user: Principal,
    @Req() request: Request,
  ): Promise<RevokedPskResponse> {
    const issued = revoke_certificates === true ? { reason, comment } : undefined;
    const { psk, certificates } = await this.revocations.revoke(id, issued, user, requestContextOf(request));
    return { ...pskResponse(psk), ...(certificates && { certificates }) };
  }
}
