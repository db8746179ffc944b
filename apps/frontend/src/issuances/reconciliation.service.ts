import { LogReader, SigningClient } from '@libs/contracts';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { FrontendConfig } from '../config/frontend.config';
import { AbandonedIssuances } from './abandoned-issuances.service';
import type { Issuance } from './issuance.entity';
import { Rounds } from './rounds';

const ACTOR = 'system:reconciliation';

/**
 * Finds out how abandoned issuances ended. The log knows: a certificate with the issuance's id is one that nobody
 * received, and is revoked as superseded; none means that nothing was made.
 */
@Injectable()
export class ReconciliationService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Reconciliation');
  private readonly rounds = new Rounds(this.logger, () => this.round());

  constructor(
    private readonly abandoned: AbandonedIssuances,
    private readonly log: LogReader,
    private readonly signing: SigningClient,
    private readonly config: FrontendConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.every(this.config.reconciliationIntervalSeconds);
  }

  async onModuleDestroy(): Promise<void> {
    await this.rounds.stop();
  }

  /**
   * One round. Rounds of one process follow each other; those of several replicas share the work.
   *
   * @returns how many issuances were settled
   */
  async reconcile(): Promise<number> {
    return this.rounds.run();
  }

  private async round(): Promise<number> {
    let settled = 0;
    for (const issuance of await this.abandoned.takeOver()) {
      try {
        await this.settle(issuance);
        settled += 1;
      } catch (error) {
        this.logger.warn({ msg: 'issuance could not be reconciled', issuance_id: issuance.id, err: error });
        await this.abandoned.putBack(issuance);
      }
    }
    return settled;
  }

  private async settle(issuance: Issuance): Promise<void> {
    const { items } = await this.log.search({ issuance_id: issuance.id, limit: 1 });
    const [certificate] = items;
    if (certificate === undefined) {
      await this.abandoned.fail(issuance);
      this.logger.log({ msg: 'issuance closed without certificate', issuance_id: issuance.id });
      return;
    }
    const { fingerprint } = certificate;
    const context = { issuance_id: issuance.id, actor: ACTOR };
    await this.signing.revoke({ fingerprint, reason: 'superseded', context });
    await this.abandoned.supersede(issuance, certificate);
    this.logger.log({ msg: 'unclaimed certificate revoked', issuance_id: issuance.id, fingerprint });
  }
}
