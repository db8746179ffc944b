import { SigningClient } from '@libs/contracts';
import { UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { In, IsNull, LessThanOrEqual } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { Issuance } from './issuance.entity';
import { Renewal } from './renewal.entity';
import { Rounds } from './rounds';

const ACTOR = 'system:renewal';
const BATCH = 100;

type DueRenewal = Pick<Renewal, 'issuanceId'> & { readonly leaseUntil: Date };

/**
 * Revokes certificates whose renewal's overlap is over. What is due stands in the database: a restart forgets nothing, and
 * of several replicas one takes each, by a lease that another may take over when it has run out.
 */
@Injectable()
export class DueRenewals implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Renewals');
  private readonly rounds = new Rounds(this.logger, () => this.round());

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly signing: SigningClient,
    private readonly config: FrontendConfig,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.every(this.config.reconciliationIntervalSeconds);
  }

  async onModuleDestroy(): Promise<void> {
    await this.rounds.stop();
  }

  /** @returns how many certificates have been seen to */
  async revokeDue(): Promise<number> {
    return this.rounds.run();
  }

  private async round(): Promise<number> {
    let settled = 0;
    for (const renewal of await this.takeOver()) {
      try {
        await this.settle(renewal);
        settled += 1;
      } catch (error) {
        this.logger.warn({ msg: 'renewed certificate not revoked yet', issuance_id: renewal.issuanceId, err: error });
        await this.putBack(renewal);
      }
    }
    return settled;
  }

  private async takeOver(): Promise<readonly DueRenewal[]> {
    const now = this.clock.now();
    const leaseUntil = new Date(now.getTime() + this.config.issuanceLeaseSeconds * 1000);
    return this.unitOfWork.run(async (manager) => {
      const due = await manager.find(Renewal, {
        where: { finishedAt: IsNull(), leaseUntil: LessThanOrEqual(now) },
        order: { leaseUntil: 'ASC' },
        take: BATCH,
      });
      const taken: DueRenewal[] = [];
      for (const { issuanceId, leaseUntil: before } of due) {
        if (before === null) continue;
        const free = { issuanceId, leaseUntil: before, finishedAt: IsNull() };
        const { affected } = await manager.update(Renewal, free, { leaseUntil });
        if (affected === 1) taken.push({ issuanceId, leaseUntil });
      }
      return taken;
    });
  }

  private async settle({ issuanceId }: DueRenewal): Promise<void> {
    const issuance = await this.unitOfWork.run((manager) => manager.findOneByOrFail(Issuance, { id: issuanceId }));
    const { fingerprint } = issuance;
    const context = { actor: ACTOR, ...(issuance.userId === null ? {} : { user_id: issuance.userId }) };
    if (fingerprint !== null) await this.signing.revoke({ fingerprint, reason: 'superseded', context });
    const now = this.clock.now();
    await this.unitOfWork.run(async (manager) => {
      await manager.update(Renewal, { issuanceId, finishedAt: IsNull() }, { finishedAt: now });
      await manager.update(Issuance, { id: In([issuanceId]), revokedAt: IsNull() }, { revokedAt: now });
    });
    this.logger.log({ msg: 'renewed certificate revoked', issuance_id: issuanceId, fingerprint });
  }

  /** To be tried again in the next round. */
  private async putBack({ issuanceId, leaseUntil }: DueRenewal): Promise<void> {
    await this.unitOfWork.run((manager) =>
      manager.update(Renewal, { issuanceId, leaseUntil }, { leaseUntil: this.clock.now() }),
    );
  }
}
