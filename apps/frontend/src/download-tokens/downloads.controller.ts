import { OptionalUser, Public } from '@libs/auth';
import type { Principal } from '@libs/auth';
import { Refuses } from '@libs/http';
import { applyDecorators, Body, Controller, Get, Head, Header, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { idempotencyKeyOf } from '../issuances/idempotency';
import { IssuesProfile, Repeatable } from '../issuances/issues-certificates';
import { PROFILE_TYPE, sendProfile } from '../issuances/profile-response';
import { requestContextOf } from '../issuances/request-context';
import { DownloadsService, type PresentedLink } from './downloads.service';
import { RedemptionDto } from './redemption.dto';

/** For the API document: where the token may stand besides the path. */
const TakesLink = () =>
  applyDecorators(
    ApiQuery({ name: 'token', required: false, type: String }),
    ApiQuery({ name: 'code_verifier', required: false, type: String }),
  );

/** For the API document: links that give nothing. */
const RefusesLinks = () =>
  applyDecorators(
    Refuses(400, 'download_token_unknown'),
    Refuses(403, 'download_token_of_another_user'),
    Refuses(410, 'download_token_expired', 'download_token_used'),
    Refuses(429, 'too_many_requests'),
  );

/**
 * The links of the portal, of `openvpn://import-profile/` and of the command line. The token stands in the path, or in
 * the query for clients of old, or in the body.
 */
@ApiTags('Downloads')
@Controller('download')
export class DownloadsController {
  constructor(private readonly downloads: DownloadsService) {}

  /**
   * Whether a link would give a profile; it is not used up.
   *
   * @param token of the link
   * @param code_verifier RFC 7636; needed where the login began with a `code_challenge`
   */
  @Head(['', ':token'])
  @Public()
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', PROFILE_TYPE)
  @TakesLink()
  @RefusesLinks()
  async check(
    @Param('token') segment: string | undefined,
    @Query() query: Parameters,
    @OptionalUser() visitor: Principal | undefined,
    @Req() request: Request,
  ): Promise<void> {
    await this.downloads.check({ ...linkOf(segment, query), visitor, clientAddress: request.ip });
  }

  /**
   * Redeems a link for a profile, with a new certificate and key.
   *
   * @param token of the link
   * @param code_verifier RFC 7636; needed where the login began with a `code_challenge`
   */
  @Get(['', ':token'])
  @Public()
  @TakesLink()
  @RefusesLinks()
  @IssuesProfile()
  @Refuses(409, 'device_limit_reached')
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

  /** Redeems a link. For programs: nothing that is secret stands in an address, and the key may be the program's own. */
  @Post()
  @Public()
  @RefusesLinks()
  @IssuesProfile()
  @Refuses(409, 'device_limit_reached')
  @Repeatable()
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
