import type { Principal } from '@libs/auth';
import { UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, MoreThan } from 'typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { challengeOf } from '../credentials/code-challenge';
import { hashSecret, randomSecret } from '../credentials/secret';
import type { SpendableCredential } from '../credentials/spendable-credential';
import { DownloadToken } from './download-token.entity';
import { DownloadTokenExpired, DownloadTokenUnknown, DownloadTokenUsed } from './download-token.errors';

/** A new link. The token stands nowhere else and works once. */
export interface MintedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** What a link is bound to besides its user and their choices. */
export interface TokenBinding {
  readonly deviceName?: string | undefined;
  /** S256 challenge of the program that will redeem it (RFC 7636). */
  readonly codeChallenge?: string | undefined;
}

const FORMAT = /^ovdl_[A-Za-z0-9_-]{43}$/;

@Injectable()
export class DownloadTokensService {
  constructor(
    @InjectRepository(DownloadToken) private readonly tokens: Repository<DownloadToken>,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: FrontendConfig,
    private readonly clock: Clock,
  ) {}

  /** @param options ids that ProfileIssuer.checkChoice has accepted; they and the groups of this moment go with the token */
  async mint(
    user: Pick<Principal, 'userId' | 'groups'>,
    options: readonly string[],
    { deviceName, codeChallenge }: TokenBinding = {},
  ): Promise<MintedToken> {
    const token = `ovdl_${randomSecret()}`;
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + this.config.downloadTokenTtlSeconds * 1000);
    await this.tokens.insert({
      tokenHash: hashSecret(token),
      userId: user.userId,
      groups: [...user.groups],
      options: [...options],
      deviceName: deviceName ?? null,
      codeChallenge: codeChallenge ?? null,
      createdAt,
      expiresAt,
      claimedAt: null,
      spentAt: null,
      issuanceId: null,
      exchangedAt: null,
      reuseCount: 0,
      lastReusedAt: null,
      lastReusedFrom: null,
    });
    return { token, expiresAt };
  }

  /**
   * Looks a token up and changes nothing.
   *
   * @param codeVerifier what a token that is bound to a challenge works with; without it, it is as good as unknown
   * @throws DownloadTokenUnknown
   */
  async find(token: string, codeVerifier: string | undefined): Promise<DownloadToken> {
    const row = FORMAT.test(token) ? await this.tokens.findOneBy({ tokenHash: hashSecret(token) }) : null;
    if (row === null) throw new DownloadTokenUnknown();
    if (row.codeChallenge !== null && row.codeChallenge !== challengeOf(codeVerifier ?? '')) {
      throw new DownloadTokenUnknown();
    }
    return row;
  }

  /**
   * Spends a token that is bound to a challenge for something else than a profile; of any number of concurrent uses one
   * succeeds.
   *
   * @returns whose it is; undefined when it is unknown, expired or used, or the verifier is not its own
   */
  async exchange(manager: EntityManager, token: string, codeVerifier: string): Promise<string | undefined> {
    const now = this.clock.now();
    const tokenHash = hashSecret(token);
    const free = { claimedAt: IsNull(), exchangedAt: IsNull(), expiresAt: MoreThan(now) };
    const bound = { tokenHash, codeChallenge: challengeOf(codeVerifier) };
    const { affected } = await manager.update(DownloadToken, { ...bound, ...free }, { exchangedAt: now });
    if (affected !== 1) return undefined;
    return (await manager.findOneByOrFail(DownloadToken, { tokenHash })).userId;
  }

  /** Somebody has used a link that had been spent: its owner may want to know who. */
  async recordReuse({ tokenHash }: DownloadToken, clientAddress: string | undefined): Promise<void> {
    const change = { reuseCount: () => '"reuse_count" + 1', lastReusedAt: this.clock.now() };
    await this.unitOfWork.single((manager) =>
      manager.update(DownloadToken, { tokenHash }, { ...change, lastReusedFrom: clientAddress ?? null }),
    );
  }

  /** @throws DownloadTokenExpired, DownloadTokenUsed */
  assertUsable(token: DownloadToken): void {
    if (isSpent(token)) throw new DownloadTokenUsed();
    if (token.expiresAt <= this.clock.now()) throw new DownloadTokenExpired();
  }

  /** The token as means of payment; of any number of concurrent claims one succeeds. */
  credentialOf({ tokenHash }: DownloadToken): SpendableCredential {
    return {
      claim: async (manager, issuanceId, now) => {
        const free = { tokenHash, claimedAt: IsNull(), exchangedAt: IsNull(), expiresAt: MoreThan(now) };
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

/** Or being spent at this moment. */
export function isSpent({ claimedAt, exchangedAt }: DownloadToken): boolean {
  return claimedAt !== null || exchangedAt !== null;
}
