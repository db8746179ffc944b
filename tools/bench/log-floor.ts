import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { binaryArray } from '../../apps/certtransparency/src/audit/binary-array';
import { type LoadResult, sustain } from './load';

/** About as large as the leaf of a certificate. */
const ROW_BYTES = 1_400;
const BATCH_ROWS = 256;
const INSERT = 'INSERT INTO floor (data) VALUES ($1)';
const INSERT_BATCH = 'INSERT INTO floor (data) SELECT unnest($1::bytea[])';

/**
 * What the server can do at best: rows without any meaning, into a table with a primary key and nothing else. Appends are
 * held against it, since both wait for the same disk.
 */
export class Floor {
  private constructor(
    private readonly admin: Client,
    private readonly clients: readonly Client[],
  ) {}

  /** @param url of a superuser: a database is made and dropped again */
  static async open(url: string, connections: number): Promise<Floor> {
    const admin = await connect(url);
    await admin.query('CREATE DATABASE floor');
    const database = new URL(url);
    database.pathname = '/floor';
    const clients = await Promise.all(Array.from({ length: connections }, () => connect(database.toString())));
    await clients[0]?.query(
      'CREATE TABLE floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data bytea NOT NULL)',
    );
    await clients[0]?.query('ALTER TABLE floor ALTER COLUMN data SET STORAGE EXTERNAL');
    return new Floor(admin, clients);
  }

  /** One row in each transaction, from as many connections as there are in flight. */
  async commits(inFlight: number, seconds: number): Promise<LoadResult> {
    const row = randomBytes(ROW_BYTES);
    const idle = this.clients.slice(0, inFlight);
    return sustain(inFlight, seconds, async () => {
      const client = idle.pop();
      if (client === undefined) throw new Error('more in flight than there are connections');
      await client.query({ name: 'insert', text: INSERT, values: [row] });
      idle.push(client);
    });
  }

  /** Rows a second, of one connection. */
  async batchedRows(seconds: number): Promise<number> {
    const rows = binaryArray(
      'bytea',
      Array.from({ length: BATCH_ROWS }, () => randomBytes(ROW_BYTES)),
    );
    const { perSecond } = await sustain(1, seconds, async () => {
      await this.clients[0]?.query({ name: 'batch', text: INSERT_BATCH, values: [rows] });
    });
    return perSecond * BATCH_ROWS;
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end()));
    await this.admin.query('DROP DATABASE floor');
    await this.admin.end();
  }
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  // What goes wrong is told by the query that it happens to.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
