import { listen, type RunningService } from '@libs/http';
import type { ListenerSettings } from '@libs/config';
import type { NestExpressApplication } from '@nestjs/platform-express';

/** One of the three services, which may be stopped and started again at the same address. */
export class ServiceInProcess {
  private running: RunningService | undefined;

  constructor(
    private readonly create: () => Promise<NestExpressApplication>,
    private readonly listener: ListenerSettings,
  ) {}

  async start(): Promise<void> {
    this.running ??= await listen(await this.create(), this.listener);
  }

  async stop(): Promise<void> {
    const { running } = this;
    this.running = undefined;
    await running?.close();
  }
}
