import { createHash } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CheckpointSigner } from '../log-key';
import { LogBusy, LogStopping } from './audit.errors';
import { Sequencer } from './sequencer';

const RETRY_MS = 15_000;

/**
 * Logs the key that will take over as soon as it signs beside the current one, so that whoever trusts the log by its old
 * key learns of the new one from the log itself. The same key is the same entry, whichever replica comes first and however
 * often it starts.
 */
@Injectable()
export class KeyRotation implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(KeyRotation.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly signer: CheckpointSigner,
    private readonly sequencer: Sequencer,
  ) {}

  onApplicationBootstrap(): void {
    void this.announce();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
  }

  /** Tries again until it is done: a log that takes no entries right now must start all the same. */
  private async announce(): Promise<void> {
    const verifierKey = this.signer.nextVerifierKey;
    if (verifierKey === undefined) return;
    const identity = createHash('sha256').update(verifierKey).digest();
    try {
      const { index, known } = await this.sequencer.append({
        type: 'key_rotation',
        identity,
        context: null,
        verifierKey,
      });
      this.logger.log({
        msg: known ? 'key rotation goes on' : 'key rotation logged',
        index,
        verifier_key: verifierKey,
      });
    } catch (error) {
      if (error instanceof LogStopping) return;
      if (!(error instanceof LogBusy)) this.logger.error({ msg: 'key rotation not logged', err: error });
      this.timer = setTimeout(() => void this.announce(), RETRY_MS).unref();
    }
  }
}
