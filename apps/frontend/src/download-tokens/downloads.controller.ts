import { OptionalUser, Public } from '@libs/auth';
import type { Principal } from '@libs/auth';
import { Body, Controller, Get, Head, Header, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { idempotencyKeyOf } from '../issuances/idempotency';
import { PROFILE_TYPE, sendProfile } from '../issuances/profile-response';
import { requestContextOf } from '../issuances/request-context';
import { DownloadsService, type PresentedLink } from './downloads.service';
import { RedemptionDto } from './redemption.dto';

/**
 * The links of the portal, of `openvpn://import-profile/` and of the command line. The token stands in the path, or in
 * the query for clients of old, or in the body.
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
    @Query() query: Parameters,
    @OptionalUser() visitor: Principal | undefined,
    @Req() request: Request,
  ): Promise<void> {
    await this.downloads.check({ ...linkOf(segment, query), visitor, clientAddress: request.ip });
  }

  @Get(['', ':token'])
  @Public()
  @ApiQuery({ name: 'token', required: false, type: String })
  @ApiQuery({ name: 'code_verifier', required: false, type: String })
  async redeem(
    @Param('token') segment: string | undefined,
    @Query() query: Parameters,
    @OptionalUser() visitor: Principal | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const link = { ...linkOf(segment, query), visitor, clientAddress: request.ip };
    sendProfile(response, await this.downloads.redeem(link, {}, requestContextOf(request)));
  }

  /** For programs: nothing that is secret stands in an address, and the key may be the program's own. */
  @Post()
  @Public()
  async redeemForProgram(
    @Body() { token, code_verifier: codeVerifier, csr, device_name: deviceName }: RedemptionDto,
    @OptionalUser() visitor: Principal | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const link = { token, codeVerifier, visitor, clientAddress: request.ip };
    const wish = { csr, deviceName, idempotencyKey: idempotencyKeyOf(request) };
    sendProfile(response, await this.downloads.redeem(link, wish, requestContextOf(request)));
  }
}

type Parameters = Readonly<Record<string, unknown>>;

/** A parameter that is missing, repeated or no text is as good as a wrong one. */
function linkOf(
  segment: string | undefined,
  { token, code_verifier: verifier }: Parameters,
): Pick<PresentedLink, 'token' | 'codeVerifier'> {
  return {
    token: segment ?? (typeof token === 'string' ? token : ''),
    codeVerifier: typeof verifier === 'string' ? verifier : undefined,
  };
}
