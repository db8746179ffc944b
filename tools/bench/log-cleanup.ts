/** What has to be undone at the end, in reverse order, however the end comes. */
export class Cleanup {
  private readonly steps: (() => Promise<void>)[] = [];
  private running: Promise<void> | undefined;

  /** From now on it runs also when the process is told to end, or fails where nobody waits. */
  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.end());
    process.on('uncaughtException', (error) => this.end(error));
  }

  add(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  /** Once; whoever comes second waits for the first. What fails does not keep the rest from being undone. */
  async run(): Promise<void> {
    this.running ??= this.undo();
    return this.running;
  }

  private end(reason?: Error): void {
    // What fails because everything is being taken away tells nobody anything.
    if (this.running !== undefined) return;
    if (reason !== undefined) process.stderr.write(`${String(reason.stack)}\n`);
    process.exitCode = 1;
    void this.run().finally(() => process.exit());
  }

  private async undo(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      await step().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
    }
  }
}
