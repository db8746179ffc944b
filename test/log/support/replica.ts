import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Variables } from '@libs/config';
import { type Ed25519Signer } from '@libs/tlog';
import { type LogDatabaseUrls } from '../../../apps/certtransparency/src/database/provision';
import { READER_KEY, WRITER_KEY } from '../../../apps/certtransparency/test/log-fixture';
import { freePorts } from '../../support/free-ports';
import { LoggedProcess } from '../../support/logged-process';

const ROOT = join(__dirname, '..', '..', '..');
/** What `npm run build` makes. */
const MAIN = join(ROOT, 'dist', 'apps', 'certtransparency', 'src', 'main.js');
const READY_TIMEOUT_MS = 60_000;

export interface ReplicaOptions {
  readonly database: LogDatabaseUrls;
  readonly signer: Ed25519Signer;
  readonly anchorFile: string;
}

/** The certificate transparency service in a process of its own, that can be killed and comes back at the same address. */
export class Replica {
  private process: LoggedProcess | undefined;

  private constructor(
    readonly url: string,
    private readonly managementUrl: string,
    private readonly environment: Variables,
  ) {}

  /** @throws Error when the product has not been built, or does not get ready */
  static async start({ database, signer, anchorFile }: ReplicaOptions): Promise<Replica> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run npm run build`);
    const [port = 0, managementPort = 0] = await freePorts(2);
    const replica = new Replica(`http://127.0.0.1:${String(port)}`, `http://127.0.0.1:${String(managementPort)}`, {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      CT_LOG_LEVEL: 'error',
      CT_PORT: String(port),
      CT_MANAGEMENT_PORT: String(managementPort),
      CT_DATABASE_URL: database.writerUrl,
      CT_MIGRATOR_DATABASE_URL: database.migratorUrl,
      CT_DATABASE_CONNECT_TIMEOUT_MS: '2000',
      CT_WRITER_KEYS: WRITER_KEY,
      CT_READER_KEYS: READER_KEY,
      CT_CHECKPOINT_KEY: signer.printPrivateKey(),
      CT_ANCHOR_FILE: anchorFile,
    });
    await replica.run();
    return replica;
  }

  /** Starts it, again if need be, however often the database is not there yet. */
  async run(): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (Date.now() < deadline) {
      if (this.process?.isRunning !== true) this.process = this.spawn();
      if (await this.isReady()) return;
      await sleep(100);
    }
    throw new Error(`a replica did not get ready:\n${this.process?.output() ?? ''}`);
  }

  /** As the system's out-of-memory killer would. */
  async kill(): Promise<void> {
    this.process?.signal('SIGKILL');
    await this.process?.ended;
  }

  async stop(): Promise<void> {
    await this.process?.stop();
  }

  async isReady(): Promise<boolean> {
    try {
      const { status } = await fetch(`${this.managementUrl}/health/ready`, { signal: AbortSignal.timeout(5_000) });
      return status === 200;
    } catch {
      return false;
    }
  }

  private spawn(): LoggedProcess {
    return LoggedProcess.start('certtransparency', process.execPath, [MAIN], { env: { ...this.environment } });
  }
}
