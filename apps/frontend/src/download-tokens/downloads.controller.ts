import { OptionalUser, Public } from '@libs/auth';
import type { Principal } from '@libs/auth';
import { Controller, Get, Head, Header, Param, Query, Req, Res } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { PROFILE_TYPE, sendProfile } from '../issuances/profile-response';
import { requestContextOf } from '../issuances/request-context';
import { DownloadsService } from './downloads.service';

/**
 * The links of the portal, of `openvpn://import-profile/` and of the command line. The token stands in the path, or in
 * the query for clients of old.
 */
@ApiTags('Downloads')
@Controller('download')
export class DownloadsController {
  constructor(private readonly downloads: DownloadsService) {}

  @Head(['', ':token'])
  @Public()
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', PROFILE_TYPE)
  async check(
    @Param('token') segment: string | undefined,
    @Query('token') parameter: unknown,
    @OptionalUser() visitor: Principal | undefined,
  ): Promise<void> {
    await this.downloads.check(tokenOf(segment, parameter), visitor);
  }

  @Get(['', ':token'])
  @Public()
  @ApiQuery({ name: 'token', required: false, type: String })
  async redeem(
    @Param('token') segment: string | undefined,
    @Query('token') parameter: unknown,
    @OptionalUser() visitor: Principal | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const token = tokenOf(segment, parameter);
    sendProfile(response, await this.downloads.redeem(token, visitor, requestContextOf(request)));
  }
}

/** A parameter that is missing, repeated or no text is as good as an unknown token. */
function tokenOf(segment: string | undefined, parameter: unknown): string {
  return segment ?? (typeof parameter === 'string' ? parameter : '');
}
