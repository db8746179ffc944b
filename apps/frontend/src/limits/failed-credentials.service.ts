import { Injectable } from '@nestjs/common';
import { FrontendConfig } from '../config/frontend.config';
import { LimitReached } from './limit-reached';
import { Limits } from './limits.service';

const UNKNOWN_ADDRESS = 'unknown';

/** Counts, by client address, the credentials that were none: whoever has shown too many is not listened to for a while. */
@Injectable()
export class FailedCredentials {
  constructor(
    private readonly limits: Limits,
    private readonly config: FrontendConfig,
  ) {}

  /**
   * @param isFailure whether an error of the work says that the credential was none
   * @throws LimitReached before the work, when there have been too many
   */
  async watch<T>(
    clientAddress: string | undefined,
    isFailure: (error: unknown) => boolean,
    work: () => Promise<T>,
  ): Promise<T> {
    const { failedCredentials } = this.config.limits;
    const address = clientAddress ?? UNKNOWN_ADDRESS;
    this.limits.assertOpen(failedCredentials, address);
    try {
      return await work();
    } catch (error) {
      if (isFailure(error)) await this.count(address);
      throw error;
    }
  }

  /** The last one that is allowed still hears that it failed. */
  private async count(address: string): Promise<void> {
    try {
      await this.limits.take(this.config.limits.failedCredentials, address);
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
    }
  }
}
