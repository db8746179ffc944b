import type { Principal } from '@libs/auth';
import { Injectable } from '@nestjs/common';
import { ProfileIssuer } from '../issuances/profile-issuer.service';
import type { IssuedProfile } from '../issuances/profile-issuer.service';
import type { RequestContext } from '../issuances/request-context';
import { UsersService } from '../users/users.service';
import type { DownloadToken } from './download-token.entity';
import { DownloadTokenOfAnotherUser, DownloadTokenUnknown } from './download-token.errors';
import { DownloadTokensService } from './download-tokens.service';

/** Redeeming links. The link alone suffices, since the client that follows it has no session. */
@Injectable()
export class DownloadsService {
  constructor(
    private readonly tokens: DownloadTokensService,
    private readonly profiles: ProfileIssuer,
    private readonly users: UsersService,
  ) {}

  /**
   * Says whether a link would give a profile, and does nothing else.
   *
   * @param visitor who is signed in, if anybody: somebody else than the link's owner is turned away
   * @throws DownloadTokenUnknown, DownloadTokenOfAnotherUser, DownloadTokenExpired, DownloadTokenUsed
   */
  async check(token: string, visitor: Principal | undefined): Promise<DownloadToken> {
    const row = await this.tokens.find(token);
    if (visitor !== undefined && visitor.userId !== row.userId) throw new DownloadTokenOfAnotherUser();
    this.tokens.assertUsable(row);
    return row;
  }

  /** @throws as check, and as ProfileIssuer.issueForUser */
  async redeem(token: string, visitor: Principal | undefined, request: RequestContext): Promise<IssuedProfile> {
    const row = await this.check(token, visitor);
    const owner = await this.users.principal(row.userId);
    if (owner === undefined) throw new DownloadTokenUnknown();
    const asMinted = { ...owner, groups: row.groups };
    return this.profiles.issueForUser(asMinted, row.options, request, this.tokens.credentialOf(row));
  }
}
