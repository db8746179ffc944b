/** What has to be undone at the end, in reverse order, however the end comes. */
export class Cleanup {
  private readonly steps: (() => Promise<void>)[] = [];
  private running: Promise<void> | undefined;

  /** Also when the process is told to end, or fails where nobody waits. */
  constructor() {
    const endNow = (reason?: unknown): void => {
      if (reason instanceof Error) process.stderr.write(`${String(reason.stack)}\n`);
      void this.run().finally(() => process.exit(1));
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => endNow());
    process.once('uncaughtException', endNow);
    process.once('unhandledRejection', endNow);
  }

  add(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  /** Once; whoever comes second waits for the first. What fails does not keep the rest from being undone. */
  async run(): Promise<void> {
    this.running ??= this.undo();
    return this.running;
  }

  private async undo(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      await step().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
    }
  }
}
