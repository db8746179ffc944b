import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const POLL_MS = 10;

/** A child process whose output is kept and can be waited for. */
export class LoggedProcess {
  private log = '';
  /** Resolves once the process has ended and all that it said was read. */
  readonly ended: Promise<ExitStatus>;
  private hasEnded = false;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    const collect = (chunk: string) => {
      this.log += chunk;
    };
    child.stdout?.setEncoding('utf8').on('data', collect);
    child.stderr?.setEncoding('utf8').on('data', collect);
    child.once('error', (error) => {
      this.log += `${name} cannot be run: ${error.message}\n`;
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.hasEnded = true;
        resolve({ code, signal });
      });
    });
  }

  static start(name: string, command: string, args: readonly string[], options: SpawnOptions = {}): LoggedProcess {
    return new LoggedProcess(name, spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.name} did not start`);
    return this.child.pid;
  }

  get isRunning(): boolean {
    return !this.hasEnded;
  }

  output(): string {
    return this.log;
  }

  /** Waits until the output holds `text`. */
  async waitFor(text: string, timeoutMs = 10_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!this.log.includes(text)) {
      if (this.hasEnded) throw new Error(`${this.name} ended without "${text}":\n${this.log}`);
      if (Date.now() > deadline) throw new Error(`${this.name} did not say "${text}":\n${this.log}`);
      await sleep(POLL_MS);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Asks the process to end, and ends it when it takes longer than `patienceMs`. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', patienceMs = 10_000): Promise<ExitStatus> {
    if (this.hasEnded) return this.ended;
    this.child.kill(signal);
    const forced = setTimeout(() => this.child.kill('SIGKILL'), patienceMs);
    try {
      return await this.ended;
    } finally {
      clearTimeout(forced);
    }
  }
}
