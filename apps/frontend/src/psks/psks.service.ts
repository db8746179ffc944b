import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, IsNull, Not, type Repository } from 'typeorm';
import { liesWithin } from '../credentials/networks';
import { equalHashes, hashSecret } from '../credentials/secret';
import type { SpendableCredential } from '../credentials/spendable-credential';
import { FailedCredentials } from '../limits/failed-credentials.service';
import { isInForce, isUsedUp, Psk } from './psk.entity';
import { PskRejected } from './psk.errors';
import { publicIdOf } from './psk-secret';

/** How a PSK is presented. */
export interface PskPresentation {
  readonly secret: string;
  /** Behind the configured number of proxies. */
  readonly clientAddress: string | undefined;
  /** The request may be the repetition of the one that used the PSK up: the claim will tell. */
  readonly mayRepeat: boolean;
}

/** Compared with when no row was found, so that an unknown PSK costs what a wrong one costs. */
const NO_HASH = hashSecret('');
/** Looked for where a secret has no public id, so that a malformed one costs what an unknown one costs. */
const NO_PUBLIC_ID = '';

const isRejection = (error: unknown): boolean => error instanceof PskRejected;

/** What machines do with PSKs. */
@Injectable()
export class PsksService {
  constructor(
    @InjectRepository(Psk) private readonly psks: Repository<Psk>,
    private readonly failures: FailedCredentials,
    private readonly clock: Clock,
  ) {}

  /** @throws PskRejected, whatever is wrong, after the same work; LimitReached for an address that was wrong too often */
  async authenticate(presentation: PskPresentation): Promise<Psk> {
    const { clientAddress } = presentation;
    return this.failures.watch(clientAddress, isRejection, () => this.check(presentation));
  }

  /** One use of a PSK that has been authenticated. It may have been used up or revoked since: then the claim is refused. */
  useOf(psk: Psk): SpendableCredential {
    return {
      claim: async (manager, _issuanceId, now) => {
        const { affected } = await manager
          .createQueryBuilder()
          .update(Psk)
          .set({ uses: () => '"uses" + 1', lastUsedAt: now })
          .where('"id" = :id AND "revoked_at" IS NULL', { id: psk.id })
          .andWhere('("expires_at" IS NULL OR "expires_at" > :now)', { now })
          .andWhere('("use_limit" IS NULL OR "uses" < "use_limit")')
          .execute();
        if (affected !== 1) throw new PskRejected();
      },
      spend: async (manager) => {
        // Revoked meanwhile: nothing more is handed out, and reconciliation revokes what was made.
        if (await manager.existsBy(Psk, { id: psk.id, revokedAt: Not(IsNull()) })) throw new PskRejected();
      },
      release: (manager) => this.giveBackUse(manager, psk.id),
    };
  }

  /** Undoes a claim whose certificate was never made. */
  async giveBackUse(manager: EntityManager, id: string): Promise<void> {
    await manager
      .createQueryBuilder()
      .update(Psk)
      .set({ uses: () => '"uses" - 1' })
      .where('"id" = :id AND "uses" > 0', { id })
      .execute();
  }

  private async check({ secret, clientAddress, mayRepeat }: PskPresentation): Promise<Psk> {
    const psk = await this.psks.findOneBy({ publicId: publicIdOf(secret) ?? NO_PUBLIC_ID });
    const matches = equalHashes(hashSecret(secret), psk?.secretHash ?? NO_HASH);
    if (psk === null || !matches || !isInForce(psk, this.clock.now())) throw new PskRejected();
    if (psk.allowedNetworks.length > 0 && !liesWithin(psk.allowedNetworks, clientAddress)) throw new PskRejected();
    if (isUsedUp(psk) && !mayRepeat) throw new PskRejected();
    return psk;
  }
}
