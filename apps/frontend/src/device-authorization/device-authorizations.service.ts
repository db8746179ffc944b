import { isUniqueViolation, UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, MoreThan } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { hashSecret, randomSecret } from '../credentials/secret';
import type { RequestContext } from '../issuances/request-context';
import { Limits } from '../limits/limits.service';
import { DeviceAuthorization, type DeviceDecision } from './device-authorization.entity';
import { newUserCode } from './user-code';

/** What a device is told when it begins; neither code stands anywhere else. */
export interface BegunAuthorization {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

const LIFETIME_SECONDS = 600;
const INTERVAL_SECONDS = 5;
/** So many open codes would have to be drawn twice that it does not happen. */
const ATTEMPTS = 3;

/** Devices that wait, and people who decide. A decision is one conditional UPDATE: the first one counts. */
@Injectable()
export class DeviceAuthorizations {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly limits: Limits,
    private readonly config: FrontendConfig,
    private readonly clock: Clock,
  ) {}

  /** @throws LimitReached when too many have begun at this address */
  async begin(deviceName: string | undefined, request: RequestContext): Promise<BegunAuthorization> {
    await this.limits.take(this.config.limits.deviceLogins, request.clientAddress ?? 'unknown');
    const deviceCode = `ovdc_${randomSecret()}`;
    for (let attempt = 1; ; attempt += 1) {
      const userCode = newUserCode();
      try {
        const begun = this.begun(deviceCode, userCode, deviceName, request);
        await this.unitOfWork.single((manager) => manager.insert(DeviceAuthorization, begun));
        return { deviceCode, userCode, expiresInSeconds: LIFETIME_SECONDS, intervalSeconds: INTERVAL_SECONDS };
      } catch (error) {
        if (attempt === ATTEMPTS || !isUniqueViolation(error)) throw error;
      }
    }
  }

  /**
   * @param userId who typed the code; of a person who guesses, the attempts are counted
   * @returns the device that waits for it, undecided and unexpired
   * @throws LimitReached
   */
  async waiting(userCode: string, userId: string): Promise<DeviceAuthorization | null> {
    await this.countAttempt(userId);
    return this.dataSource.getRepository(DeviceAuthorization).findOneBy(this.open(userCode));
  }

  /**
   * @returns whether the decision counts: nobody had decided, and it was in time
   * @throws LimitReached
   */
  async decide(userCode: string, decision: DeviceDecision, userId: string): Promise<boolean> {
    await this.countAttempt(userId);
    const { affected } = await this.unitOfWork.single((manager) =>
      manager.update(DeviceAuthorization, this.open(userCode), { decision, userId }),
    );
    return affected === 1;
  }

  private async countAttempt(userId: string): Promise<void> {
    await this.limits.take(this.config.limits.deviceLogins, `user ${userId}`);
  }

  private open(userCode: string) {
    const userCodeHash = hashSecret(userCode);
    return { userCodeHash, decision: IsNull(), expiresAt: MoreThan(this.clock.now()) };
  }

  private begun(
    deviceCode: string,
    userCode: string,
    deviceName: string | undefined,
    { clientAddress, userAgent }: RequestContext,
  ): DeviceAuthorization {
    const createdAt = this.clock.now();
    return {
      deviceCodeHash: hashSecret(deviceCode),
      userCodeHash: hashSecret(userCode),
      deviceName: deviceName ?? null,
      clientAddress: clientAddress ?? null,
      userAgent: userAgent ?? null,
      intervalSeconds: INTERVAL_SECONDS,
      lastPolledAt: null,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + LIFETIME_SECONDS * 1000),
      decision: null,
      userId: null,
      redeemedAt: null,
    };
  }
}
