import { CurrentUser, type Principal, Roles } from '@libs/auth';
import { Answers, InvalidRequest, Refuses } from '@libs/http';
import { Body, Controller, Get, Header, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { FrontendConfig } from '../config/frontend.config';
import { DownloadTokensService } from '../download-tokens/download-tokens.service';
import { idempotencyKeyOf } from '../issuances/idempotency';
import { IssuesProfile, Repeatable } from '../issuances/issues-certificates';
import { ProfileIssuer } from '../issuances/profile-issuer.service';
import { sendProfile } from '../issuances/profile-response';
import { requestContextOf } from '../issuances/request-context';
import { type OptionsResponse, ProfileForm, type ProfileLinkResponse, ProfileRequest } from './profile-request.dto';

/** Profiles for the person who is signed in, by the portal and by the API alike. */
@ApiTags('Profiles')
@Controller()
export class ProfilesController {
  constructor(
    private readonly profiles: ProfileIssuer,
    private readonly tokens: DownloadTokensService,
    private readonly config: FrontendConfig,
  ) {}

  /** The options that the person may choose from for a profile. */
  @Roles('user')
  @Get('api/v1/options')
  @Header('Cache-Control', 'no-store')
  options(@CurrentUser() user: Principal): OptionsResponse {
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

  /** Makes a profile. Answers the profile itself, or with `delivery: "link"` 201 and a link that gives it once. */
  @Roles('user')
  @Post('api/v1/profiles')
  @IssuesProfile()
  @Refuses(409, 'device_limit_reached')
  @Repeatable()
  @Answers(201, { description: 'A link that gives the profile once.', json: 'ProfileLinkResponse' })
  @Refuses(422, 'template_choice_unknown')
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
