import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Variables } from '@libs/config';
import { StartError } from '@libs/http';
import type { ServiceName } from './ports';

export interface ServiceOptions {
  readonly name: ServiceName;
  readonly variables: Variables;
  readonly logFile: string;
  readonly managementUrl: string;
  /** Restart when the compiled code changes. */
  readonly watch: boolean;
}

/** V8 takes as much of a large machine's memory as it likes before it collects; live data is about 50 MB a service. */
const HEAP = ['--max-semi-space-size=8', '--max-old-space-size=192'];
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/** One of the three services as a child process, its log in a file. */
export class Service {
  private exited = false;
  private readonly killWithUs = () => {
    this.child.kill('SIGKILL');
  };

  private constructor(
    readonly options: ServiceOptions,
    private readonly child: ChildProcess,
  ) {
    child.once('exit', () => {
      this.exited = true;
      process.removeListener('exit', this.killWithUs);
    });
    // When we do not wait for an orderly stop, nothing may go on without us.
    process.once('exit', this.killWithUs);
  }

  static start(options: ServiceOptions): Service {
    mkdirSync(dirname(options.logFile), { recursive: true });
    const main = join(__dirname, '..', '..', 'apps', options.name, 'src', 'main.js');
    const flags = [...HEAP, '--enable-source-maps', ...(options.watch ? ['--watch', '--watch-preserve-output'] : [])];
    // A process group of its own: Ctrl-C at the terminal reaches us, and we stop the services in order.
    const child = spawn(process.execPath, [...flags, main], {
      env: options.variables,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const log = createWriteStream(options.logFile, { flags: 'w', mode: 0o600 });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    return new Service(options, child);
  }

  onExit(listener: () => void): void {
    this.child.once('exit', listener);
  }

  /** @throws StartError with the end of the service's log when it stops before it is ready */
  async ready(signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (Date.now() < deadline) {
      signal.throwIfAborted();
      if (this.exited) throw new StartError(`${this.options.name} stopped while starting:\n${this.lastWords()}`);
      if (await isReady(this.options.managementUrl)) return;
      await sleep(50);
    }
    throw new StartError(`${this.options.name} did not get ready within a minute; its log is ${this.options.logFile}`);
  }

  async stop(): Promise<void> {
    if (this.exited) return;
    const gone = new Promise<void>((resolve) => {
      this.onExit(resolve);
    });
    this.child.kill('SIGTERM');
    const forced = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(forced);
  }

  /** Why it ended, for the terminal: what it says itself, which a stack may follow; else the end of its log. */
  lastWords(): string {
    const lines = readFileSync(this.options.logFile, 'utf8').trim().split('\n');
    const reason = lines.findLastIndex((line) => line.startsWith(`${this.options.name} cannot start.`));
    return (reason < 0 ? lines.slice(-8) : lines.slice(reason, reason + 8)).join('\n');
  }
}

async function isReady(managementUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${managementUrl}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
