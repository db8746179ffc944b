import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** What a round of load is told: how many operations are in flight at any time, and for how long. */
export interface LoadRound {
  readonly inFlight: number;
  readonly seconds: number;
}

/** A child that says when it is ready and answers each round that it is sent with the result. One round at a time. */
export class LoadProcess<Result> {
  private constructor(private readonly child: ChildProcess) {}

  /** Resolves once the child is ready. */
  static async of<Result>(child: ChildProcess): Promise<LoadProcess<Result>> {
    const load = new LoadProcess<Result>(child);
    await load.answer();
    return load;
  }

  async run(round: LoadRound): Promise<Result> {
    this.child.send(round);
    return (await this.answer()) as Result;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.disconnect();
    await gone;
  }

  private async answer(): Promise<unknown> {
    const listening = new AbortController();
    const { signal } = listening;
    const ended = once(this.child, 'exit', { signal }).then(([status]): never => {
      throw new Error(`the process that makes the load ended with status ${String(status)}: see above`);
    });
    try {
      const [message] = (await Promise.race([once(this.child, 'message', { signal }), ended])) as [unknown];
      return message;
    } finally {
      ended.catch(() => undefined);
      listening.abort();
    }
  }
}
