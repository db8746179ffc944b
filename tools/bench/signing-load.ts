import { printVerifierKey } from '@libs/tlog';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { IssuingStack } from './issuing-stack';
import type { LoadResult } from './load';
import { HEAP_LIMIT } from './service-process';

export interface IssuingRound {
  readonly inFlight: number;
  readonly seconds: number;
}

export interface IssuingResult extends LoadResult {
  /** Processor time of the generator in each second of the round; near 1 it would be what is measured. */
  readonly generatorShare: number;
}

/** A caller of the signing service in a process of its own. Rounds are ordered one at a time. */
export class SigningLoad {
  private constructor(private readonly child: ChildProcess) {}

  static async start({ signing, frontendKey, verifier }: IssuingStack): Promise<SigningLoad> {
    const target = [signing.url, frontendKey, printVerifierKey(verifier)];
    const child = fork(require.resolve('./signing-load.process'), target, {
      execArgv: [HEAP_LIMIT, '--enable-source-maps'],
      stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
    });
    const load = new SigningLoad(child);
    await load.answer();
    return load;
  }

  /** Issues for a while, a number of requests being in flight at any time. */
  async issue(round: IssuingRound): Promise<IssuingResult> {
    this.child.send(round);
    return (await this.answer()) as IssuingResult;
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
