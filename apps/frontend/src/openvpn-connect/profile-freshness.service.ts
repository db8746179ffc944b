import { LogReader } from '@libs/contracts';
import { Clock } from '@libs/http';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { hashSecret } from '../credentials/secret';
import { Issuance } from '../issuances/issuance.entity';
import { ProfileSession } from '../issuances/profile-session.entity';

/** As randomSessionToken makes them. */
const SESSION_TOKEN = /^[0-9a-f]{64}$/;
/** A client that connects waits for the answer. */
const LOG_TIMEOUT_MS = 2_000;

/** Whether a profile that somebody downloaded is still good. */
@Injectable()
export class ProfileFreshness {
  private readonly logger = new Logger('ProfileFreshness');

  constructor(
    private readonly dataSource: DataSource,
    private readonly log: LogReader,
    private readonly clock: Clock,
  ) {}

  /** @returns true for a session token of a profile that was issued, and has neither expired nor been revoked */
  async isFresh(sessionToken: string | undefined): Promise<boolean> {
    const issuance = await this.find(sessionToken);
    if (issuance?.state !== 'issued' || issuance.revokedAt !== null) return false;
    if (issuance.fingerprint === null || issuance.expiresAt === null) return false;
    return issuance.expiresAt > this.clock.now() && !(await this.isRevoked(issuance.fingerprint));
  }

  private async find(sessionToken: string | undefined): Promise<Issuance | null> {
    if (sessionToken === undefined || !SESSION_TOKEN.test(sessionToken)) return null;
    const tokenHash = hashSecret(sessionToken);
    const session = await this.dataSource.getRepository(ProfileSession).findOneBy({ tokenHash });
    return session && this.dataSource.getRepository(Issuance).findOneBy({ id: session.issuanceId });
  }

  /**
   * While the log does not answer, a profile that is not known to be revoked counts as good: a new one could not be had
   * either, and the OpenVPN server has its own list.
   */
  private async isRevoked(fingerprint: string): Promise<boolean> {
    try {
      const record = await this.log.certificate(fingerprint, { timeoutMs: LOG_TIMEOUT_MS });
      return record?.revocation !== null;
    } catch (error) {
      this.logger.warn({ msg: 'freshness answered without the log', fingerprint, err: error });
      return false;
    }
  }
}
