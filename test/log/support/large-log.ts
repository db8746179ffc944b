import { CERTIFICATE_KINDS } from '@libs/contracts';
import { Frontier, type NoteSigner, signCheckpoint, TILE_HEIGHT } from '@libs/tlog';
import { Client } from 'pg';
import { certificateTemplates, type CertificateSize, type CertificateTemplate } from './certificate-templates';
import { type LogShape, PREPARE, TEMPLATE_COLUMNS, USUAL_SHAPE, chunkStatements } from './large-log.sql';

const CHUNK = 50_000;
const SAMPLES = 1_000;

export interface LargeLogOptions {
  /** `small` by default. */
  readonly certificates?: CertificateSize;
  /** How often a checkpoint stands in the log; only every 50,000 by default. */
  readonly entriesPerCheckpoint?: number;
  /** {@link USUAL_SHAPE} by default. */
  readonly shape?: LogShape;
}

/** What was loaded; of every entry all but the certificate's bytes follows from its index, so that specs can foretell answers. */
export interface LargeLog {
  readonly size: number;
  /** Milliseconds since 1970 at which the first entry was logged; the others follow a step of the shape apart. */
  readonly start: number;
  /** Of a thousand certificates from all over the log. */
  readonly fingerprints: readonly string[];
}

/**
 * Fills an empty log as superuser, past the write gate, which would take minutes: certificates that nobody signed, projections
 * taken from their leaves, tiles and signed checkpoints of the tree over them. An audit of it finds nothing.
 *
 * Of a thousand entries 949 are certificates, 50 revocations and one a CRL; nine in ten certificates are those of twenty
 * thousand users, one in a hundred is a server's.
 */
export async function loadLargeLog(
  superuserUrl: string,
  signer: NoteSigner,
  size: number,
  { certificates = 'small', entriesPerCheckpoint = CHUNK, shape = USUAL_SHAPE }: LargeLogOptions = {},
): Promise<LargeLog> {
  const start = Date.now() - size * shape.stepMs;
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    // Foreign keys hold by construction; what is meant to hold always is checked all the same.
    await client.query("SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '256MB'");
    await client.query(PREPARE);
    await insertTemplates(client, await certificateTemplates(certificates));
    const indexes = await dropIndexes(client);
    // Checkpoints of sizes that the log has had before are written when it has more entries already.
    await client.query('SET event_triggers = off; ALTER TABLE ct.checkpoint DISABLE TRIGGER checkpoint_covers_entries');
    await insertEntries(client, { size, start, shape }, (tree) => growTree(client, tree, signer, entriesPerCheckpoint));
    await client.query('ALTER TABLE ct.checkpoint ENABLE ALWAYS TRIGGER checkpoint_covers_entries');
    await client.query("SET maintenance_work_mem = '512MB'");
    for (const index of indexes) await client.query(index);
    await client.query('VACUUM (ANALYZE) ct.entry, ct.identity, ct.certificate, ct.revocation, ct.private_context');
    return { size, start, fingerprints: await sampleFingerprints(client, size) };
  } finally {
    await client.end();
  }
}

async function insertEntries(
  client: Client,
  { size, start, shape }: Pick<LargeLog, 'size' | 'start'> & { readonly shape: LogShape },
  grow: (tree: GrowingTree) => Promise<void>,
): Promise<void> {
  const tree = new GrowingTree();
  const statements = chunkStatements(shape);
  for (let first = 0; first < size; first += CHUNK) {
    const last = Math.min(first + CHUNK, size) - 1;
    for (const statement of statements) {
      await client.query(statement, statement.includes('$1') ? [first, last, start] : []);
    }
    await grow(tree);
  }
}

async function sampleFingerprints(client: Client, size: number): Promise<string[]> {
  const step = Math.ceil(size / SAMPLES);
  const { rows } = await client.query<{ fingerprint: string }>(
    "SELECT encode(fingerprint, 'hex') AS fingerprint FROM ct.certificate WHERE idx = ANY ($1)",
    [Array.from({ length: SAMPLES }, (_, i) => i * step)],
  );
  return rows.map(({ fingerprint }) => fingerprint);
}

/** Building an index over all rows takes a fraction of what keeping it up row by row does. Answers how to make them again. */
async function dropIndexes(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(`
    SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = 'ct'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)`);
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  return rows.map(({ definition }) => definition);
}

interface FullTile {
  readonly level: number;
  readonly n: number;
  readonly hashes: Buffer;
  readonly root: Buffer;
}

/** A tree that tells of each tile that it fills, with the root that the database keeps beside it. */
class GrowingTree {
  readonly frontier = Frontier.empty();
  private readonly rows: Buffer[][] = [];

  append(leafHash: Buffer): FullTile[] {
    const filled: FullTile[] = [];
    this.frontier.append(leafHash, ({ level, index }, hash) => {
      if (level % TILE_HEIGHT !== 0) return;
      const above = level / TILE_HEIGHT;
      const row = this.rows[above - 1];
      if (row !== undefined) {
        filled.push({ level: above - 1, n: index, hashes: Buffer.concat(row), root: hash });
        row.length = 0;
      }
      (this.rows[above] ??= []).push(hash);
    });
    return filled;
  }
}

/** Takes in the entries that are new, with a checkpoint now and then and one after the last of them. */
async function growTree(client: Client, tree: GrowingTree, signer: NoteSigner, every: number): Promise<void> {
  const entries = 'SELECT leaf_hash AS hash FROM ct.entry WHERE idx >= $1 ORDER BY idx';
  const { rows } = await client.query<{ hash: Buffer }>(entries, [tree.frontier.size]);
  const tiles: FullTile[] = [];
  const checkpoints: SignedHead[] = [];
  rows.forEach(({ hash }, i) => {
    tiles.push(...tree.append(hash));
    if (tree.frontier.size % every === 0 || i === rows.length - 1) checkpoints.push(signedHead(tree.frontier, signer));
  });
  await insertRows(client, 'ct.tile', { level: 'smallint', n: 'bigint', hashes: 'bytea', root: 'bytea' }, tiles);
  await insertRows(
    client,
    'ct.checkpoint',
    { size: 'bigint', root: 'bytea', note: 'text', frontier: 'bytea' },
    checkpoints,
  );
}

interface SignedHead {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
  readonly frontier: Buffer;
}

function signedHead(frontier: Frontier, signer: NoteSigner): SignedHead {
  const { size } = frontier;
  const root = frontier.root();
  const note = signCheckpoint({ origin: signer.name, size, root }, [signer]);
  return { size, root, note, frontier: frontier.serialize() };
}

async function insertTemplates(client: Client, templates: readonly CertificateTemplate[]): Promise<void> {
  // PostgreSQL counts from 1.
  const rows = templates.map(({ kind, nameBytes, der, serialAt, notBeforeAt, notAfterAt, nameAt }) => ({
    kind: CERTIFICATE_KINDS.indexOf(kind) + 1,
    name_bytes: nameBytes,
    der,
    serial_at: serialAt + 1,
    not_before_at: notBeforeAt + 1,
    not_after_at: notAfterAt + 1,
    name_at: nameAt + 1,
  }));
  await insertRows(client, 'template', TEMPLATE_COLUMNS, rows);
}

/** Rows whose members are named as the columns are. */
async function insertRows<Column extends string>(
  client: Client,
  table: string,
  columns: Readonly<Record<Column, string>>,
  rows: readonly Readonly<Record<Column, unknown>>[],
): Promise<void> {
  const names = Object.keys(columns) as Column[];
  const arrays = names.map((name, i) => `$${i + 1}::${columns[name]}[]`);
  await client.query(
    `INSERT INTO ${table} (${names.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`,
    names.map((name) => rows.map((row) => row[name])),
  );
}
