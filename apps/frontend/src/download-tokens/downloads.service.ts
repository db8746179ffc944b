import type { Principal } from '@libs/auth';
import { Injectable } from '@nestjs/common';
import { ProfileIssuer } from '../issuances/profile-issuer.service';
import type { IssuedProfile, ProfileWish } from '../issuances/profile-issuer.service';
import type { RequestContext } from '../issuances/request-context';
import { FailedCredentials } from '../limits/failed-credentials.service';
import { UsersService } from '../users/users.service';
import type { DownloadToken } from './download-token.entity';
import { DownloadTokenOfAnotherUser, DownloadTokenUnknown } from './download-token.errors';
import { DownloadTokensService, isSpent } from './download-tokens.service';

/** A link as it was used. */
export interface PresentedLink {
  readonly token: string;
  readonly codeVerifier: string | undefined;
  /** Behind the configured number of proxies. */
  readonly clientAddress: string | undefined;
  /** Who is signed in, if anybody: somebody else than the link's owner is turned away. */
  readonly visitor: Principal | undefined;
}

/** What a program brings along that redeems a link. */
export type OwnDeviceWish = Omit<ProfileWish, 'options'>;

const isUnknown = (error: unknown): boolean => error instanceof DownloadTokenUnknown;

/** Redeeming links. The link alone suffices, since the client that follows it has no session. */
@Injectable()
export class DownloadsService {
  constructor(
    private readonly tokens: DownloadTokensService,
    private readonly profiles: ProfileIssuer,
    private readonly users: UsersService,
    private readonly failures: FailedCredentials,
  ) {}

  /**
   * Says whether a link would give a profile, and does nothing else.
   *
   * @throws DownloadTokenUnknown, DownloadTokenOfAnotherUser, DownloadTokenExpired, DownloadTokenUsed
   */
  async check(presented: PresentedLink): Promise<void> {
    this.tokens.assertUsable(await this.find(presented));
  }

  /** @throws as check, and as ProfileIssuer.issueForUser */
  async redeem(presented: PresentedLink, wish: OwnDeviceWish, request: RequestContext): Promise<IssuedProfile> {
    const row = await this.find(presented);
    await this.assertFirstUse(row, wish, request);
    const owner = await this.users.principal(row.userId);
    if (owner === undefined) throw new DownloadTokenUnknown();
    const asMinted = { ...owner, groups: row.groups };
    const { deviceName = row.deviceName ?? undefined, ...ownKey } = wish;
    const choice = { options: row.options, deviceName, ...ownKey };
    return this.profiles.issueForUser(asMinted, choice, request, this.tokens.credentialOf(row));
  }

  /** A spent link with an idempotency key may come from whoever spent it: the claim will tell. */
  private async assertFirstUse(
    row: DownloadToken,
    { idempotencyKey }: OwnDeviceWish,
    { clientAddress }: RequestContext,
  ): Promise<void> {
    if (isSpent(row)) {
      if (idempotencyKey !== undefined) return;
      await this.tokens.recordReuse(row, clientAddress);
    }
    this.tokens.assertUsable(row);
  }

  private async find({ token, codeVerifier, visitor, clientAddress }: PresentedLink): Promise<DownloadToken> {
    const row = await this.failures.watch(clientAddress, isUnknown, () => this.tokens.find(token, codeVerifier));
    if (visitor !== undefined && visitor.userId !== row.userId) throw new DownloadTokenOfAnotherUser();
    return row;
  }
}
