import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { BenchLog } from './log-server';
import type { LoadResult } from './load';
import { HEAP_LIMIT } from './service-process';

export interface AppendRound {
  readonly inFlight: number;
  readonly seconds: number;
}

/** A certificate transparency service that appends entries of its own making, in a process of its own. */
export class Appender {
  private constructor(private readonly child: ChildProcess) {}

  /** @param profileFolder where to put a CPU profile at the end */
  static async start({ variables }: BenchLog, profileFolder?: string): Promise<Appender> {
    const profiling = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const child = fork(require.resolve('./log-appender.process'), [], {
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', CT_LOG_LEVEL: 'error', ...variables },
      execArgv: [HEAP_LIMIT, '--enable-source-maps', ...profiling],
      stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
    });
    const appender = new Appender(child);
    await appender.answer();
    return appender;
  }

  /** Appends for a while, a number of entries being in flight at any time. */
  async run(round: AppendRound): Promise<LoadResult> {
    this.child.send(round);
    return (await this.answer()) as LoadResult;
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
      throw new Error(`the appending process ended with status ${String(status)}: see above`);
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
