import type { Principal } from '@libs/auth';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, MoreThan } from 'typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { hashSecret, randomSecret } from '../credentials/secret';
import type { SpendableCredential } from '../credentials/spendable-credential';
import { DownloadToken } from './download-token.entity';
import { DownloadTokenExpired, DownloadTokenUnknown, DownloadTokenUsed } from './download-token.errors';

/** A new link. The token stands nowhere else and works once. */
export interface MintedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

const FORMAT = /^ovdl_[A-Za-z0-9_-]{43}$/;

@Injectable()
export class DownloadTokensService {
  constructor(
    @InjectRepository(DownloadToken) private readonly tokens: Repository<DownloadToken>,
    private readonly config: FrontendConfig,
    private readonly clock: Clock,
  ) {}

  /** @param options ids that ProfileIssuer.checkChoice has accepted; they and the groups of this moment go with the token */
  async mint(user: Pick<Principal, 'userId' | 'groups'>, options: readonly string[]): Promise<MintedToken> {
    const token = `ovdl_${randomSecret()}`;
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + this.config.downloadTokenTtlSeconds * 1000);
    await this.tokens.insert({
      tokenHash: hashSecret(token),
      userId: user.userId,
      groups: [...user.groups],
      options: [...options],
      createdAt,
      expiresAt,
      claimedAt: null,
      spentAt: null,
      issuanceId: null,
    });
    return { token, expiresAt };
  }

  /**
   * Looks a token up and changes nothing.
   *
   * @throws DownloadTokenUnknown
   */
  async find(token: string): Promise<DownloadToken> {
    const row = FORMAT.test(token) ? await this.tokens.findOneBy({ tokenHash: hashSecret(token) }) : null;
    if (row === null) throw new DownloadTokenUnknown();
    return row;
  }

  /** @throws DownloadTokenExpired, DownloadTokenUsed */
  assertUsable(token: DownloadToken): void {
    if (token.claimedAt !== null) throw new DownloadTokenUsed();
    if (token.expiresAt <= this.clock.now()) throw new DownloadTokenExpired();
  }

  /** The token as means of payment; of any number of concurrent claims one succeeds. */
  credentialOf({ tokenHash }: DownloadToken): SpendableCredential {
    return {
      claim: async (manager, issuanceId, now) => {
        const free = { tokenHash, claimedAt: IsNull(), expiresAt: MoreThan(now) };
        const { affected } = await manager.update(DownloadToken, free, { claimedAt: now, issuanceId });
        if (affected !== 1) throw new DownloadTokenUsed();
      },
      spend: async (manager, issuanceId, now) => {
        await manager.update(DownloadToken, { tokenHash, issuanceId }, { spentAt: now });
      },
      release: (manager, issuanceId) => this.release(manager, issuanceId),
    };
  }

  /** Makes the token of an issuance that made no certificate usable again, until it expires. */
  async release(manager: EntityManager, issuanceId: string): Promise<void> {
    await manager.update(DownloadToken, { issuanceId, spentAt: IsNull() }, { claimedAt: null, issuanceId: null });
  }
}
