import { Public } from '@libs/auth';
import { Refuses } from '@libs/http';
import { Body, Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { FrontendConfig } from '../config/frontend.config';
import type { AccessTokenResponse } from '../credentials/access-tokens.service';
import { requestContextOf } from '../issuances/request-context';
import { FailedCredentials } from '../limits/failed-credentials.service';
import { DeviceAuthorizations } from './device-authorizations.service';
import { OAuthError } from './oauth.error';
import { ProgramTokens } from './program-tokens.service';
import { DEVICE_GRANT, DeviceAuthorizationRequest, type DeviceAuthorizationResponse, TokenRequest } from './token.dto';

const isInvalidGrant = (error: unknown): boolean => error instanceof OAuthError && error.code === 'invalid_grant';

/** Programs without a browser of their own: the device flow, and access tokens. */
@ApiTags('Programs')
@ApiConsumes('application/json', 'application/x-www-form-urlencoded')
@Controller('api/v1')
export class TokenController {
  constructor(
    private readonly authorizations: DeviceAuthorizations,
    private readonly tokens: ProgramTokens,
    private readonly failures: FailedCredentials,
    private readonly config: FrontendConfig,
  ) {}

  /** Begins the device flow (RFC 8628 §3.1), for machines without a browser. */
  @Public()
  @Post('device/authorize')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Refuses(429, 'too_many_requests')
  async authorize(
    @Body() { device_name: deviceName }: DeviceAuthorizationRequest,
    @Req() request: Request,
  ): Promise<DeviceAuthorizationResponse> {
    const begun = await this.authorizations.begin(deviceName, requestContextOf(request));
    const page = `${this.config.publicUrl}/device`;
    return {
      device_code: begun.deviceCode,
      user_code: begun.userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=${begun.userCode}`,
      expires_in: begun.expiresInSeconds,
      interval: begun.intervalSeconds,
    };
  }

  /** Gives an access token for a code (RFC 6749 §4.1.3 with RFC 7636, RFC 8628 §3.4). Refusals carry `error` as these say. */
  @Public()
  @Post('token')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Refuses(400, 'invalid_grant', 'unsupported_grant_type')
  @Refuses(400, 'authorization_pending', 'slow_down', 'access_denied', 'expired_token')
  @Refuses(429, 'too_many_requests')
  async token(@Body() body: TokenRequest, @Req() request: Request): Promise<AccessTokenResponse> {
    return this.failures.watch(request.ip, isInvalidGrant, () => this.give(body));
  }

  private async give(request: TokenRequest): Promise<AccessTokenResponse> {
    switch (request.grant_type) {
      case 'authorization_code':
        return this.tokens.forCode(request.code ?? '', request.code_verifier ?? '');
      case DEVICE_GRANT:
        return this.tokens.forDevice(request.device_code ?? '');
      default:
        throw new OAuthError('unsupported_grant_type');
    }
  }
}
