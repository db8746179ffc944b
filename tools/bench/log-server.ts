import type { Variables } from '@libs/config';
import { runMigrations } from '@libs/database';
import { startPostgres } from '@libs/development';
import { type Ed25519Signer, generateNoteKey } from '@libs/tlog';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { logDataSourceOptions } from '../../apps/certtransparency/src/database/data-source-options';
import { provisionLogDatabase } from '../../apps/certtransparency/src/database/provision';
import { AUDITOR_ROLE } from '../../apps/certtransparency/src/database/roles';
import type { Cleanup } from './log-cleanup';
import { progress } from './log-report';

/** A log's own database on the measured server, migrated and empty, and what a service needs to run on it. */
export interface BenchLog {
  readonly name: string;
  readonly superuserUrl: string;
  readonly auditorUrl: string;
  readonly signer: Ed25519Signer;
  readonly writerKey: string;
  readonly readerKey: string;
  /** Of the certificate transparency service. */
  readonly variables: Variables;
}

const MIGRATION_POOL = { size: 2, connectTimeoutMs: 5_000, statementTimeoutMs: 60_000 };
/** A quarter of the machine's memory, as PostgreSQL's manual advises for a server of its own; 4 GB hold a million entries with their indexes. */
const SHARED_BUFFERS_MB = Math.min(4096, Math.floor(totalmem() / 2 ** 20 / 4));
const SETTINGS = { shared_buffers: `${SHARED_BUFFERS_MB}MB`, max_wal_size: '4GB' } as const;
const newSecret = (): string => randomBytes(32).toString('base64url');

/** One durable PostgreSQL server: each COMMIT waits for the disk. It ends with the measurement, and its folder with it. */
export class BenchServer {
  // Roles belong to the server: every log's have the same passwords.
  private readonly passwords = {
    migrator: newSecret(),
    writer: newSecret(),
    reader: newSecret(),
    auditor: newSecret(),
  };

  private constructor(
    readonly folder: string,
    /** As superuser. */
    readonly url: string,
  ) {}

  static async start(cleanup: Cleanup): Promise<BenchServer> {
    const folder = mkdtempSync(join(tmpdir(), 'ovpn-bench-log-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true }));
    // PostgreSQL may have to run as another user, who must be able to enter.
    chmodSync(folder, 0o755);
    progress(`PostgreSQL with ${JSON.stringify(SETTINGS)}`);
    const dataDirectory = join(folder, 'postgres');
    const { url, stop } = await startPostgres({ dataDirectory, port: 0, durable: true, settings: SETTINGS });
    cleanup.add(stop);
    return new BenchServer(folder, url);
  }

  async createLog(name: string): Promise<BenchLog> {
    const { writerUrl, migratorUrl } = await provisionLogDatabase(this.url, this.passwords, name);
    await runMigrations(logDataSourceOptions(migratorUrl, MIGRATION_POOL));
    const signer = generateNoteKey(`bench.localhost/${name}`);
    const [writerKey, readerKey] = [newSecret(), newSecret()];
    const variables: Variables = {
      CT_DATABASE_URL: writerUrl,
      CT_MIGRATOR_DATABASE_URL: migratorUrl,
      CT_WRITER_KEYS: writerKey,
      CT_READER_KEYS: readerKey,
      CT_CHECKPOINT_KEY: signer.printPrivateKey(),
      CT_ANCHOR_FILE: join(this.folder, `${name}.anchor`),
      CT_HOST: '127.0.0.1',
      CT_PORT: '0',
      CT_MANAGEMENT_HOST: '127.0.0.1',
      CT_MANAGEMENT_PORT: '0',
    };
    const auditorUrl = changed(writerUrl, { username: AUDITOR_ROLE, password: this.passwords.auditor });
    return {
      name,
      superuserUrl: changed(this.url, { pathname: `/${name}` }),
      auditorUrl,
      signer,
      writerKey,
      readerKey,
      variables,
    };
  }
}

function changed(url: string, parts: Partial<Pick<URL, 'pathname' | 'username' | 'password'>>): string {
  return Object.assign(new URL(url), parts).toString();
}
