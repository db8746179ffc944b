import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Variables } from '@libs/config';
import { freePorts } from '../../support/free-ports';
import { type ExitStatus, LoggedProcess } from '../../support/logged-process';

/** What `npm run build` makes. */
const BUILT_APPS = join(__dirname, '..', '..', '..', 'dist', 'apps');
const READY_TIMEOUT_MS = 60_000;
const DEATH_TIMEOUT_MS = 15_000;

interface ServiceSettings {
  readonly app: 'certtransparency' | 'signing' | 'frontend';
  /** Of its variables. */
  readonly prefix: 'CT' | 'SIGNING' | 'FRONTEND';
  readonly variables: Variables;
}

/** A service in a process of its own, which dies at the fail point that it is started with and comes back at the same address. */
export class KillableService {
  private process: LoggedProcess | undefined;

  private constructor(
    private readonly settings: ServiceSettings,
    private readonly ports: readonly [port: number, managementPort: number],
  ) {}

  static async create(settings: ServiceSettings): Promise<KillableService> {
    const [port = 0, managementPort = 0] = await freePorts(2);
    return new KillableService(settings, [port, managementPort]);
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.ports[0])}`;
  }

  /** Undefined until it was started. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Resolves once it is ready. @throws Error when the product has not been built, or the service ends or does not get ready */
  async run(failPoint?: string): Promise<void> {
    const { app, prefix, variables } = this.settings;
    const main = join(BUILT_APPS, app, 'src', 'main.js');
    if (!existsSync(main)) throw new Error(`${main} is missing: run npm run build`);
    const env = {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      ...variables,
      [`${prefix}_LOG_LEVEL`]: 'error',
      [`${prefix}_PORT`]: String(this.ports[0]),
      [`${prefix}_MANAGEMENT_PORT`]: String(this.ports[1]),
      ...(failPoint === undefined ? {} : { [`${prefix}_FAIL_POINT`]: failPoint }),
    };
    this.process = LoggedProcess.start(app, process.execPath, [main], { env });
    await this.untilReady(this.process);
  }

  /** How the process ended; waits for it, but not long: undefined while it goes on. */
  async ended(): Promise<ExitStatus | undefined> {
    return Promise.race([this.process?.ended, sleep(DEATH_TIMEOUT_MS, undefined, { ref: false })]);
  }

  async stop(): Promise<void> {
    await this.process?.stop();
  }

  private async untilReady(process: LoggedProcess): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (process.isRunning && Date.now() < deadline) {
      if (await this.isReady()) return;
      await sleep(20);
    }
    throw new Error(`${process.name} did not get ready:\n${process.output()}`);
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${String(this.ports[1])}/health/ready`)).status === 200;
    } catch {
      return false;
    }
  }
}
