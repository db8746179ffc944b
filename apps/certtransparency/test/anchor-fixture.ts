import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readiness } from '@libs/http';
import { type Checkpoint, generateNoteKey, openCheckpoint } from '@libs/tlog';
import request from 'supertest';
import { issuedEntry, TestIssuer } from './certificate-fixture';
import {
  type LogDatabaseFixture,
  migratedLogDatabase,
  query,
  type RunningLog,
  startLog,
  WRITER_KEY,
} from './log-fixture';

/** One log that is stopped and started on a database which may have been put back meanwhile, with its anchor beside it. */
export class AnchoredLog {
  readonly signer = generateNoteKey('log.test/anchor');
  private readonly folder = mkdtempSync(join(tmpdir(), 'ovpn-anchor-'));
  private readonly running: RunningLog[] = [];
  private backups = 0;

  private constructor(
    private database: LogDatabaseFixture,
    private readonly issuer: TestIssuer,
  ) {}

  static async create(): Promise<AnchoredLog> {
    return new AnchoredLog(await migratedLogDatabase(), await TestIssuer.create());
  }

  async destroy(): Promise<void> {
    await this.stop();
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  file(name = 'anchor'): string {
    return join(this.folder, name);
  }

  anchored(name?: string): Checkpoint {
    return openCheckpoint(readFileSync(this.file(name), 'utf8'), [this.signer.verifier]);
  }

  /** One more replica. */
  async start(name?: string, signer = this.signer): Promise<RunningLog> {
    const log = await startLog(this.database, { signer, variables: { CT_ANCHOR_FILE: this.file(name) } });
    this.running.push(log);
    return log;
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.splice(0).map((log) => log.close()));
  }

  async entry() {
    return issuedEntry(await this.issuer.certificate());
  }

  async append(to: RunningLog, entry?: object): Promise<request.Response> {
    return request(to.url)
      .post('/api/v1/entries')
      .set('Authorization', `Bearer ${WRITER_KEY}`)
      .send(entry ?? (await this.entry()));
  }

  async appendSome(to: RunningLog, count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) expect((await this.append(to)).status).toBe(201);
  }

  async readiness(of: RunningLog): Promise<string | undefined> {
    return (await of.app.get(Readiness, { strict: false }).report()).checks['anchor'];
  }

  async query(sql: string): Promise<Record<string, unknown>[]> {
    return query(this.database.superuserUrl, sql);
  }

  /** Entries in the database. */
  async size(): Promise<number> {
    const [row] = await this.query('SELECT count(*) FROM ct.entry');
    return Number(row?.['count']);
  }

  /** A copy of the database as it is now, to which nobody may be connected. */
  async backUp(): Promise<string> {
    const backup = `${this.name}_backup${String((this.backups += 1))}`;
    await query(this.server, `CREATE DATABASE ${backup} TEMPLATE ${this.name}`);
    return backup;
  }

  /** Puts a copy in the place of the database, whoever is connected to it. */
  async restore(backup: string): Promise<void> {
    await query(this.server, `DROP DATABASE ${this.name} WITH (FORCE)`);
    await query(this.server, `ALTER DATABASE ${backup} RENAME TO ${this.name}`);
  }

  async replaceByEmpty(): Promise<void> {
    await this.database.drop();
    this.database = await migratedLogDatabase();
  }

  private get name(): string {
    return new URL(this.database.superuserUrl).pathname.slice(1);
  }

  private get server(): string {
    return Object.assign(new URL(this.database.superuserUrl), { pathname: '/postgres' }).toString();
  }
}
