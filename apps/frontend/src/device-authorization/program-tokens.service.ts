import { UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, LessThanOrEqual } from 'typeorm';
import { AccessTokens, type AccessTokenResponse } from '../credentials/access-tokens.service';
import { hashSecret } from '../credentials/secret';
import { DownloadTokensService } from '../download-tokens/download-tokens.service';
import { DeviceAuthorization } from './device-authorization.entity';
import { OAuthError } from './oauth.error';

const SLOWER_BY_SECONDS = 5;

/** Access tokens for what a login gave a program; each such thing is spent by one conditional UPDATE, and gives one token. */
@Injectable()
export class ProgramTokens {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly accessTokens: AccessTokens,
    private readonly downloadTokens: DownloadTokensService,
    private readonly clock: Clock,
  ) {}

  /**
   * For the token of a login in a browser, and the verifier of its challenge (RFC 7636).
   *
   * @throws OAuthError invalid_grant, whatever is wrong
   */
  async forCode(code: string, codeVerifier: string): Promise<AccessTokenResponse> {
    return this.unitOfWork.run(async (manager) => {
      const userId = await this.downloadTokens.exchange(manager, code, codeVerifier);
      if (userId === undefined) throw new OAuthError('invalid_grant');
      return this.accessTokens.issue(manager, userId);
    });
  }

  /**
   * The device asks whether it may go on, and receives its token once it may.
   *
   * @throws OAuthError as RFC 8628 §3.5 says
   */
  async forDevice(deviceCode: string): Promise<AccessTokenResponse> {
    const deviceCodeHash = hashSecret(deviceCode);
    const authorization = await this.dataSource.getRepository(DeviceAuthorization).findOneBy({ deviceCodeHash });
    if (authorization?.redeemedAt !== null) throw new OAuthError('invalid_grant');
    if (authorization.expiresAt <= this.clock.now()) throw new OAuthError('expired_token');
    if (authorization.decision === 'refused') throw new OAuthError('access_denied');
    if (authorization.decision === null) throw await this.notYet(authorization);
    return this.unitOfWork.run(async (manager) => {
      const redeemedAt = this.clock.now();
      const unredeemed = { deviceCodeHash, decision: 'approved' as const, redeemedAt: IsNull() };
      const { affected } = await manager.update(DeviceAuthorization, unredeemed, { redeemedAt });
      if (affected !== 1 || authorization.userId === null) throw new OAuthError('invalid_grant');
      return this.accessTokens.issue(manager, authorization.userId);
    });
  }

  private async notYet({ deviceCodeHash, intervalSeconds }: DeviceAuthorization): Promise<OAuthError> {
    const now = this.clock.now();
    const longAgo = LessThanOrEqual(new Date(now.getTime() - intervalSeconds * 1000));
    const patient = [IsNull(), longAgo].map((lastPolledAt) => ({ deviceCodeHash, lastPolledAt }));
    const { affected } = await this.unitOfWork.single((manager) =>
      manager.update(DeviceAuthorization, patient, { lastPolledAt: now }),
    );
    if (affected === 1) return new OAuthError('authorization_pending');
    const slower = { lastPolledAt: now, intervalSeconds: intervalSeconds + SLOWER_BY_SECONDS };
    await this.unitOfWork.single((manager) => manager.update(DeviceAuthorization, { deviceCodeHash }, slower));
    return new OAuthError('slow_down');
  }
}
