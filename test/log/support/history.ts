import { type Checkpoint, type Ed25519Verifier, Frontier, leafHash, openCheckpoint } from '@libs/tlog';
import { Client } from 'pg';

const PAGE = 10_000;

/** A log as its rows have it, with the tree computed anew from the leaves. */
export interface History {
  readonly leaves: readonly Buffer[];
  /** Root of the tree over the first so many leaves. */
  readonly rootOf: (size: number) => Buffer;
  /** As they stand in the database. */
  readonly checkpoints: readonly Checkpoint[];
}

/** @throws Error when an index is missing */
export async function readHistory(databaseUrl: string, verifier: Ed25519Verifier): Promise<History> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const leaves: Buffer[] = [];
    const roots = [Frontier.empty().root()];
    const frontier = Frontier.empty();
    for (;;) {
      const rows = await page(client, leaves.length);
      for (const { idx, leaf } of rows) {
        if (Number(idx) !== leaves.length) throw new Error(`entry ${String(leaves.length)} is missing`);
        leaves.push(leaf);
        frontier.append(leafHash(leaf));
        roots.push(frontier.root());
      }
      if (rows.length < PAGE) break;
    }
    const { rows } = await client.query<{ note: string }>('SELECT note FROM ct.checkpoint ORDER BY size');
    const checkpoints = rows.map(({ note }) => openCheckpoint(note, [verifier]));
    return { leaves, rootOf: (size) => at(roots, size), checkpoints };
  } finally {
    await client.end();
  }
}

async function page(client: Client, from: number): Promise<{ idx: string; leaf: Buffer }[]> {
  const sql = 'SELECT idx, leaf FROM ct.entry WHERE idx >= $1 ORDER BY idx LIMIT $2';
  return (await client.query<{ idx: string; leaf: Buffer }>(sql, [from, PAGE])).rows;
}

function at(roots: readonly Buffer[], size: number): Buffer {
  const root = roots[size];
  if (root === undefined) throw new Error(`the log has no ${String(size)} entries`);
  return root;
}
