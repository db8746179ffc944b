import { AccessDenied, OptionalUser, type Principal, Public } from '@libs/auth';
import { Controller, Get, Head, Headers, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { FrontendConfig } from '../config/frontend.config';
import { DownloadTokensService } from '../download-tokens/download-tokens.service';
import { ProfileIssuer } from '../issuances/profile-issuer.service';
import { Settings } from '../settings/settings.service';
import { ProfileFreshness } from './profile-freshness.service';

const PATH = 'openvpn-api/profile';

/** WEB_AUTH of OpenVPN Connect: how the app learns that a profile is had by logging in, and gets it. */
@ApiTags('OpenVPN Connect')
@Controller(PATH)
export class OpenvpnConnectController {
  constructor(
    private readonly freshness: ProfileFreshness,
    private readonly profiles: ProfileIssuer,
    private readonly tokens: DownloadTokensService,
    private readonly settings: Settings,
    private readonly config: FrontendConfig,
  ) {}

  /** `Ovpn-WebAuth` asks the app to open a browser; it is absent while the app's profile is still good. */
  @Public()
  @Head()
  async probe(
    @Headers('vpn-session-token') sessionToken: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    response.set('Cache-Control', 'no-store');
    if (!(await this.freshness.isFresh(sessionToken))) {
      response.set('Ovpn-WebAuth', `${headerText(this.settings.recent().site_name)},external`);
    }
    response.status(200).end();
  }

  /** In the browser: through the login, then to the app with a link that gives a profile once. */
  @Public()
  @Get()
  async go(@OptionalUser() user: Principal | undefined, @Res() response: Response): Promise<void> {
    response.set('Cache-Control', 'no-store');
    if (user === undefined) {
      response.redirect(`/auth/login?${new URLSearchParams({ next: `/${PATH}` }).toString()}`);
      return;
    }
    if (!user.roles.includes('user')) throw new AccessDenied();
    this.profiles.checkChoice(user, []);
    const { token } = await this.tokens.mint(user, []);
    response.redirect(`openvpn://import-profile/${this.config.publicUrl}/download/${token}`);
  }
}

/** A header carries printable ASCII, and the app reads the name up to the comma. */
function headerText(siteName: string): string {
  return siteName
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^\x20-\x7e]|,/g, '?');
}
