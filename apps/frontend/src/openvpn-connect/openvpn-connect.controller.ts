import { AccessDenied, OptionalUser, type Principal, Public } from '@libs/auth';
import { Answers, Refuses } from '@libs/http';
import { Controller, Get, Head, Headers, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { FrontendConfig } from '../config/frontend.config';
import { DownloadTokensService } from '../download-tokens/download-tokens.service';
import { ProfileIssuer } from '../issuances/profile-issuer.service';
import { Settings } from '../settings/settings.service';
import { ProfileFreshness } from './profile-freshness.service';

const PATH = 'openvpn-api/profile';

const PROBED = {
  'Cache-Control': 'Always `no-store`.',
  'Ovpn-WebAuth': 'Name of the site, and `external`: the app opens a browser.',
};
const LED_ON = {
  'Cache-Control': 'Always `no-store`.',
  Location: '`/auth/login`, or `openvpn://import-profile/` and the link.',
};
const SESSION_TOKEN = { name: 'VPN-Session-Token', required: false, description: 'Of the profile that the app has' };

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

  /**
   * Whether a profile is had by logging in. `Ovpn-WebAuth` asks the app to open a browser; it is absent while the app's profile
   * is still good.
   */
  @Public()
  @Head()
  @Answers(200, { description: 'Nothing but the headers.', headers: PROBED })
  @ApiHeader(SESSION_TOKEN)
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

  /** Leads a browser to a profile: through the login, then to the app with a link that gives a profile once. */
  @Public()
  @Get()
  @Answers(302, { description: 'To the login, or on to the app.', headers: LED_ON })
  @Refuses(403, 'access_denied', 'no_profile_template')
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
