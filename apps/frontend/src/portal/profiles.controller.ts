import { CurrentUser, type Principal, Roles } from '@libs/auth';
import { InvalidRequest } from '@libs/http';
import { Body, Controller, Get, Header, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { FrontendConfig } from '../config/frontend.config';
import { DownloadTokensService } from '../download-tokens/download-tokens.service';
import { idempotencyKeyOf } from '../issuances/idempotency';
import { ProfileIssuer } from '../issuances/profile-issuer.service';
import { sendProfile } from '../issuances/profile-response';
import { requestContextOf } from '../issuances/request-context';
import { type OptionResponse, ProfileForm, type ProfileLinkResponse, ProfileRequest } from './profile-request.dto';

/** Profiles for the signed-in person, by the portal's form and by the API alike. */
@ApiTags('profiles')
@Controller()
export class ProfilesController {
  constructor(
    private readonly profiles: ProfileIssuer,
    private readonly tokens: DownloadTokensService,
    private readonly config: FrontendConfig,
  ) {}

  @Roles('user')
  @Get('api/v1/options')
  @Header('Cache-Control', 'no-store')
  options(@CurrentUser() user: Principal): { readonly items: readonly OptionResponse[] } {
    const items = this.profiles.optionsFor(user).map(({ id, label, description }) => ({ id, label, description }));
    return { items };
  }

  @ApiExcludeEndpoint()
  @Roles('user')
  @Post('profiles')
  async download(
    @CurrentUser() user: Principal,
    @Body() { options, device_name: deviceName }: ProfileForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const wish = { options, deviceName, idempotencyKey: idempotencyKeyOf(request) };
    sendProfile(response, await this.profiles.issueForUser(user, wish, requestContextOf(request)));
  }

  /**
   * Answers the profile itself, or with `delivery: "link"` 201 and a link that gives it once. With an `Idempotency-Key` a
   * repetition makes no second certificate.
   */
  @Roles('user')
  @Post('api/v1/profiles')
  async create(
    @CurrentUser() user: Principal,
    @Body() { options, delivery, device_name: deviceName, csr }: ProfileRequest,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (delivery === 'link') {
      if (csr !== undefined) throw new InvalidRequest([CSR_WITH_LINK]);
      const link = await this.link(user, options, deviceName);
      response.status(201).set('Cache-Control', 'no-store').json(link);
      return;
    }
    const wish = { options, deviceName, csr, idempotencyKey: idempotencyKeyOf(request) };
    sendProfile(response, await this.profiles.issueForUser(user, wish, requestContextOf(request)));
  }

  private async link(
    user: Principal,
    options: readonly string[],
    deviceName: string | undefined,
  ): Promise<ProfileLinkResponse> {
    this.profiles.checkChoice(user, options);
    const { token, expiresAt } = await this.tokens.mint(user, options, { deviceName });
    return { url: `${this.config.publicUrl}/download/${token}`, expires_at: expiresAt.toISOString() };
  }
}

const CSR_WITH_LINK = {
  field: 'csr',
  message: 'csr cannot be given for a link: send it to the link, by POST /download',
};
