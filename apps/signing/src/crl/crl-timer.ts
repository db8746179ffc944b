import { withRequestId } from '@libs/http';
import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { SigningConfig } from '../config/signing.config';
import { CrlPublisher } from './crl-publisher';
import { RootCrl } from './root-crl';

/** As long as there is no CRL at all, the log is asked again this soon. */
const IMPATIENT_MS = 1_000;

/** Keeps the CRLs fresh: takes up those on disk at the start, then looks at the log at short intervals. */
@Injectable()
export class CrlTimer implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('CrlTimer');
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private failing = false;

  constructor(
    private readonly config: SigningConfig,
    private readonly publisher: CrlPublisher,
    private readonly root: RootCrl,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.publisher.load();
  }

  onApplicationBootstrap(): void {
    this.schedule(0);
  }

  onModuleDestroy(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private schedule(ms: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      void withRequestId(randomUUID(), () => this.tick());
    }, ms);
  }

  private async tick(): Promise<void> {
    try {
      await this.root.refresh();
      await this.publisher.refresh();
      this.failing = false;
    } catch (error) {
      // Once for an outage, not once for every look during it.
      if (!this.failing) this.logger.error({ msg: 'CRL not refreshed', err: error });
      this.failing = true;
    }
    this.schedule(this.publisher.current === undefined ? IMPATIENT_MS : this.config.crl.pollSeconds * 1000);
  }
}
