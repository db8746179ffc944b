import { encodeLeaf, Frontier, type Leaf, leafHash, type NoteSigner, signCheckpoint } from '@libs/tlog';
import { Client } from 'pg';

/** A leaf with what opens its commitment. */
export interface WrittenEntry {
  readonly leaf: Leaf;
  readonly salt?: Buffer;
  readonly context?: string;
}

/**
 * Writes a log from its first entry through the write gate, without a service: as whoever holds the key, or a key, and
 * may call the gate.
 */
export class LogWriter {
  private readonly frontier = Frontier.empty();

  private constructor(
    private readonly client: Client,
    private readonly signer: NoteSigner,
  ) {}

  static async open(url: string, signer: NoteSigner): Promise<LogWriter> {
    const client = new Client({ connectionString: url });
    await client.connect();
    return new LogWriter(client, signer);
  }

  get size(): number {
    return this.frontier.size;
  }

  /** One batch under one checkpoint, which is answered. */
  async append(entries: readonly WrittenEntry[]): Promise<string> {
    const leaves = entries.map(({ leaf }) => encodeLeaf(leaf));
    for (const leaf of leaves) this.frontier.append(leafHash(leaf));
    const root = this.frontier.root();
    const note = signCheckpoint({ origin: this.signer.name, size: this.size, root }, [this.signer]);
    await this.client.query('SELECT ct.append_entries($1::bytea[], $2::bytea[], $3::text[], $4, $5, $6)', [
      leaves,
      entries.map(({ salt }) => salt ?? null),
      entries.map(({ context }) => context ?? null),
      this.size,
      root,
      note,
    ]);
    return note;
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
