import { LogReader } from '@libs/contracts';
import { lockRow, UnitOfWork } from '@libs/database';
import { Clock, DomainError } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, In, IsNull } from 'typeorm';
import type { SpendableCredential } from '../credentials/spendable-credential';
import { Settings } from '../settings/settings.service';
import { User } from '../users/user.entity';
import { NO_CREDENTIAL } from './certificate-order';
import { Issuance } from './issuance.entity';
import { Renewal } from './renewal.entity';

/** The person has as many profiles that work as one may have: one must be revoked or expire first. */
export class ProfileLimitReached extends DomainError {
  constructor(limit: number) {
    super({
      code: 'profile_limit_reached',
      status: 409,
      title: 'You have as many active profiles as one person may have',
      detail: `At most ${String(limit)} may be active at a time. Revoke one that you no longer need.`,
      extensions: { limit },
    });
  }
}

export class DeviceLimitReached extends DomainError {
  constructor(limit: number) {
    super({
      code: 'device_limit_reached',
      status: 409,
      title: 'You have profiles for as many devices as one person may have',
      detail: `At most ${String(limit)} named devices may have an active profile. Revoke those of one that you no longer use.`,
      extensions: { limit },
    });
  }
}

interface Limits {
  readonly profiles: number | null;
  readonly devices: number | null;
}

type ActiveProfile = Pick<Issuance, 'deviceName'>;

/** How many profiles, and for how many devices, one person may have at a time. */
@Injectable()
export class ProfileAllowance {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly settings: Settings,
    private readonly log: LogReader,
    private readonly clock: Clock,
  ) {}

  /**
   * The person's right to one more profile. It is claimed while no other request of the same person can be, so that
   * parallel requests cannot get past the limit together.
   */
  async of(userId: string, deviceName: string | undefined): Promise<SpendableCredential> {
    const { max_active_profiles_per_user: profiles, max_named_devices_per_user: devices } =
      await this.settings.current();
    if (profiles === null && devices === null) return NO_CREDENTIAL;
    const limits = { profiles, devices };
    const active = await activeProfiles(this.dataSource.manager, userId, this.clock.now());
    if (refusal(limits, active, deviceName) !== undefined) await this.learnRevocations(userId);
    return {
      ...NO_CREDENTIAL,
      claim: async (manager, _issuanceId, now) => {
        await lockRow(manager, User, userId);
        const refused = refusal(limits, await activeProfiles(manager, userId, now), deviceName);
        if (refused !== undefined) throw refused;
      },
    };
  }

  /** The log knows of revocations that did not come from here; it is asked only by those who would be turned away. */
  private async learnRevocations(userId: string): Promise<void> {
    const { items } = await this.log.search({ user_id: userId, kind: 'user', status: 'revoked', limit: 200 });
    const fingerprints = items.flatMap(({ fingerprint, revocation }) => (revocation === null ? [] : [fingerprint]));
    if (fingerprints.length === 0) return;
    const unknown = { userId, fingerprint: In(fingerprints), revokedAt: IsNull() };
    const mark = { revokedAt: this.clock.now() };
    await this.unitOfWork.single((manager) => manager.update(Issuance, unknown, mark));
  }
}

function refusal({ profiles, devices }: Limits, active: readonly ActiveProfile[], deviceName: string | undefined) {
  if (profiles !== null && active.length >= profiles) return new ProfileLimitReached(profiles);
  const names = new Set(active.flatMap((profile) => profile.deviceName ?? []));
  const isAnother = deviceName !== undefined && !names.has(deviceName);
  return devices !== null && isAnother && names.size >= devices ? new DeviceLimitReached(devices) : undefined;
}

/** Unexpired, unrevoked as far as we know, not being replaced; those under way included. */
async function activeProfiles(manager: EntityManager, userId: string, now: Date): Promise<readonly ActiveProfile[]> {
  const renewed = manager.createQueryBuilder(Renewal, 'renewal').select('1').where('renewal.issuanceId = issuance.id');
  return manager
    .createQueryBuilder(Issuance, 'issuance')
    .select(['issuance.id', 'issuance.deviceName'])
    .where({ userId, kind: 'user', state: In(['pending', 'issued']), revokedAt: IsNull() })
    .andWhere('(issuance.expiresAt IS NULL OR issuance.expiresAt > :now)', { now })
    .andWhere(`NOT EXISTS (${renewed.getQuery()})`)
    .getMany();
}
