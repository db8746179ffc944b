import { Client } from 'pg';
import { CopyOut } from './copy-out';
import type { RowSource } from './row-source';

const BEGIN = `
  BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
  SET LOCAL statement_timeout = 0;
  SET LOCAL idle_in_transaction_session_timeout = 0`;

/**
 * One state of the database, whatever is appended meanwhile, seen through as many connections as there are tables to be
 * read side by side.
 */
export class Snapshot {
  private readonly clients: Client[] = [];
  /** Connections that nothing is read through at the moment. */
  private readonly idle: Client[] = [];

  private constructor(
    private readonly url: string,
    /** By which others see the same state, for as long as this snapshot is open. */
    readonly id: string,
  ) {}

  /** The present state. */
  static async open(url: string): Promise<Snapshot> {
    const client = await connect(url, BEGIN);
    try {
      const { rows } = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
      const snapshot = new Snapshot(url, rows[0]?.id ?? '');
      snapshot.clients.push(client);
      snapshot.idle.push(client);
      return snapshot;
    } catch (error) {
      await client.end();
      throw error;
    }
  }

  /** The state of a snapshot that is open elsewhere. */
  static of(url: string, id: string): Snapshot {
    return new Snapshot(url, id);
  }

  /** The rows of a query, for few of them. */
  async query<T extends object>(sql: string): Promise<T[]> {
    const client = await this.take();
    const { rows } = await client.query<T>(sql);
    this.idle.push(client);
    return rows;
  }

  /** Starts to read the rows of a query; every column must have a cast or a type that cannot change. */
  async copy(select: string): Promise<RowSource> {
    const client = await this.take();
    const sql = `COPY (${select}) TO STDOUT (FORMAT binary)`;
    return client.query(new CopyOut(sql, () => this.idle.push(client)));
  }

  /** May be called while rows are still being read. */
  async close(): Promise<void> {
    await Promise.allSettled(this.clients.map((client) => client.end()));
    this.clients.length = 0;
  }

  private async take(): Promise<Client> {
    const idle = this.idle.pop();
    if (idle !== undefined) return idle;
    const client = await connect(this.url, `${BEGIN}; SET TRANSACTION SNAPSHOT '${this.id}'`);
    this.clients.push(client);
    return client;
  }
}

async function connect(url: string, begin: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'ct-fsck', connectionTimeoutMillis: 10_000 });
  // What went wrong is told by the query that it happened to.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(begin);
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}
