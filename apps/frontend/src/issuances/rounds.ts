import { withRequestId } from '@libs/http';
import type { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

/** Work that is done again and again. Rounds of one process follow each other; those of several replicas share the work. */
export class Rounds {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<number> | undefined;

  /** @param work one round; answers how much it did */
  constructor(
    private readonly logger: Logger,
    private readonly work: () => Promise<number>,
  ) {}

  every(seconds: number): void {
    const round = () => {
      this.run().catch((error: unknown) => {
        this.logger.error({ msg: 'a round failed', err: error });
      });
    };
    this.timer = setInterval(round, seconds * 1000);
    this.timer.unref();
  }

  /** A round now, after the one that may be under way, with a request id of its own. */
  async run(): Promise<number> {
    const before = this.running?.catch(() => 0);
    const round = (async () => {
      await before;
      return withRequestId(randomUUID(), this.work);
    })();
    this.running = round;
    return round;
  }

  /** No further round; waits for the one under way. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running?.catch(() => undefined);
  }
}
