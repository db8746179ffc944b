import { LogReader } from '@libs/contracts';
import { isUniqueViolation } from '@libs/database';
import { Clock, DomainError } from '@libs/http';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { SpendableCredential } from '../credentials/spendable-credential';
import { Settings } from '../settings/settings.service';
import type { Issuance } from './issuance.entity';
import { Renewal } from './renewal.entity';

/** The certificate has been revoked, has expired, or has been renewed: there is nothing to take the place of. */
export class CertificateNotRenewable extends DomainError {
  constructor(detail: string) {
    super({ code: 'certificate_not_renewable', status: 409, title: 'This certificate cannot be renewed', detail });
  }
}

const HOUR_MS = 3_600_000;

/** Which certificate takes the place of which. */
@Injectable()
export class Renewals {
  constructor(
    private readonly log: LogReader,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /**
   * The right to renew a certificate, which it has once. It is claimed by inserting a row that only one can insert, and
   * spending it says when the old certificate ends.
   *
   * @throws CertificateNotRenewable
   */
  async of(old: Issuance): Promise<SpendableCredential> {
    await this.refuseEnded(old);
    const { renewal_overlap_hours: hours } = await this.settings.current();
    return {
      claim: (manager, renewedBy, now) => claim(manager, old.id, renewedBy, now),
      spend: async (manager, renewedBy, now) => {
        const dueAt = new Date(now.getTime() + hours * HOUR_MS);
        await manager.update(Renewal, { issuanceId: old.id, renewedBy }, { dueAt, leaseUntil: dueAt });
      },
      release: async (manager, renewedBy) => {
        await manager.delete(Renewal, { renewedBy });
      },
    };
  }

  private async refuseEnded({ fingerprint, expiresAt }: Issuance): Promise<void> {
    if (fingerprint === null || expiresAt === null || expiresAt <= this.clock.now()) {
      throw new CertificateNotRenewable('It has expired.');
    }
    const record = await this.log.certificate(fingerprint);
    if (record?.revocation !== null) throw new CertificateNotRenewable('It has been revoked.');
  }
}

async function claim(manager: EntityManager, issuanceId: string, renewedBy: string, now: Date): Promise<void> {
  try {
    const open = { dueAt: null, leaseUntil: null, finishedAt: null };
    await manager.insert(Renewal, { issuanceId, renewedBy, createdAt: now, ...open });
  } catch (error) {
    if (isUniqueViolation(error)) throw new CertificateNotRenewable('It has been renewed already.');
    throw error;
  }
}
