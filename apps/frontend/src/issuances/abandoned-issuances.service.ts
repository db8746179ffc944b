import type { CertificateRecord } from '@libs/contracts';
import { UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { LessThanOrEqual } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { DownloadTokensService } from '../download-tokens/download-tokens.service';
import { PsksService } from '../psks/psks.service';
import { Issuance } from './issuance.entity';
import { columnsOf } from './issuances.service';
import { Renewal } from './renewal.entity';

const BATCH = 100;

/** Pending issuances whose request has not come back within its lease, and the two ways in which they end. */
@Injectable()
export class AbandonedIssuances {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly downloadTokens: DownloadTokensService,
    private readonly psks: PsksService,
    private readonly config: FrontendConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes over the leases that have run out, each by one conditional UPDATE: of several replicas only one gets an
   * issuance, and the request that began it can no longer complete it.
   */
  async takeOver(): Promise<readonly Issuance[]> {
    const now = this.clock.now();
    const leaseUntil = new Date(now.getTime() + this.config.issuanceLeaseSeconds * 1000);
    return this.unitOfWork.run(async (manager) => {
      const due = await manager.find(Issuance, {
        where: { state: 'pending', leaseUntil: LessThanOrEqual(now) },
        order: { leaseUntil: 'ASC' },
        take: BATCH,
      });
      const taken: Issuance[] = [];
      for (const issuance of due) {
        const { id, leaseUntil: before } = issuance;
        const { affected } = await manager.update(
          Issuance,
          { id, state: 'pending', leaseUntil: before },
          { leaseUntil },
        );
        if (affected === 1) taken.push(Object.assign(issuance, { leaseUntil }));
      }
      return taken;
    });
  }

  /** Nothing was found out: to be tried again in the next round. */
  async putBack({ id, leaseUntil }: Issuance): Promise<void> {
    await this.unitOfWork.run((manager) =>
      manager.update(Issuance, { id, leaseUntil, state: 'pending' }, { leaseUntil: this.clock.now() }),
    );
  }

  /** The certificate was made and has been revoked. What paid for it stays spent. */
  async supersede(issuance: Issuance, certificate: CertificateRecord): Promise<void> {
    const { serial_number, fingerprint, index: log_index, not_after } = certificate;
    const superseded = {
      ...columnsOf({ serial_number, fingerprint, log_index, not_after }),
      state: 'superseded' as const,
      errorCode: issuance.errorCode ?? 'abandoned',
    };
    await this.finish(issuance, superseded, (manager) => keepRenewed(manager, issuance));
  }

  /** There is no certificate: what was to pay for it is free again. */
  async fail(issuance: Issuance): Promise<void> {
    await this.finish(issuance, { state: 'failed', errorCode: issuance.errorCode ?? 'abandoned' }, (manager) =>
      this.release(manager, issuance),
    );
  }

  private async finish(
    { id, leaseUntil }: Issuance,
    change: Partial<Issuance>,
    andThen?: (manager: EntityManager) => Promise<void>,
  ): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      const finished = { ...change, holdsCredential: false, finishedAt: this.clock.now() };
      const { affected } = await manager.update(Issuance, { id, leaseUntil, state: 'pending' }, finished);
      if (affected === 1) await andThen?.(manager);
    });
  }

  private async release(manager: EntityManager, issuance: Issuance): Promise<void> {
    if (!issuance.holdsCredential) return;
    await keepRenewed(manager, issuance);
    if (issuance.pskId !== null) await this.psks.giveBackUse(manager, issuance.pskId);
    else await this.downloadTokens.release(manager, issuance.id);
  }
}

/** Nobody received the certificate that was to take another's place: the other one stays. */
async function keepRenewed(manager: EntityManager, { id }: Issuance): Promise<void> {
  await manager.delete(Renewal, { renewedBy: id });
}
