import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { FrontendConfig } from '../config/frontend.config';
import { Rounds } from '../issuances/rounds';
import { Retention } from './retention.service';

/** Deletes from time to time, unless a scheduler outside does. */
@Injectable()
export class RetentionSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Retention');
  private readonly rounds = new Rounds(this.logger, () => this.round());
  private stopped = false;

  constructor(
    private readonly retention: Retention,
    private readonly config: FrontendConfig,
  ) {}

  onApplicationBootstrap(): void {
    const { mode, intervalSeconds } = this.config.retention;
    if (mode === 'internal') this.rounds.every(intervalSeconds);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    await this.rounds.stop();
  }

  private async round(): Promise<number> {
    const report = await this.retention.deleteOver(() => !this.stopped);
    const total = Object.values(report).reduce((sum, count) => sum + count, 0);
    if (total > 0) this.logger.log({ msg: 'deleted what is over', ...report });
    return total;
  }
}
