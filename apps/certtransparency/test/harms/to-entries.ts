import { encodeLeaf } from '@libs/tlog';
import type { Tampering } from '../tamper-fixture';
import { ANOTHER_TILE, deleteFrom, flipped, type Harm, TABLES } from './harm';

const HASH_CHECK = 'ALTER TABLE ct.entry ADD CONSTRAINT entry_leaf_hash_check CHECK (leaf_hash = ct.leaf_hash(leaf))';

/** A leaf of its own making, and the hash that goes with it. */
const leafChange = (leaf: string, condition: string) =>
  `UPDATE ct.entry SET leaf = ${leaf}, leaf_hash = sha256('\\x00'::bytea || ${leaf}) WHERE ${condition}`;

/** Where rows wait while others take their places: no key may be there twice, not even for a moment. */
const AWAY = 100_000;

/** Shifts all rows from an index on. */
function renumber(from: number, by: number): string {
  return TABLES.map(
    (table) => `
    UPDATE ct.${table} SET idx = idx + ${AWAY} WHERE idx >= ${from};
    UPDATE ct.${table} SET idx = idx - ${AWAY} + ${by} WHERE idx >= ${AWAY}`,
  ).join(';');
}

/** Without a gap, and consistent but for the tree. */
const swapped = (a: number, b: number) =>
  TABLES.map(
    (table) => `
    UPDATE ct.${table} SET idx = idx + ${AWAY} WHERE idx IN (${a}, ${b});
    UPDATE ct.${table} SET idx = ${AWAY + a + b} - idx WHERE idx >= ${AWAY}`,
  ).join(';');

async function insertForged({ client, content }: Tampering): Promise<void> {
  const { leaf } = content.batches.flat()[7] ?? {};
  if (leaf?.type !== 'issued') throw new Error('not a certificate');
  const forged = encodeLeaf({ ...leaf, loggedAt: Date.UTC(2030, 0, 1) });
  const sql = `INSERT INTO ct.entry SELECT max(idx) + 1, $1::bytea, sha256('\\x00'::bytea || $1::bytea) FROM ct.entry`;
  await client.query(sql, [forged]);
}

export const HARMS_TO_ENTRIES: readonly Harm[] = [
  {
    name: 'edit a leaf and its hash',
    how: leafChange(flipped('leaf', 'octet_length(leaf) - 10'), 'idx = 5'),
    finds: [...ANOTHER_TILE, 'ct.entry fields_differ'],
    kept: 'log_rewritten',
  },
  {
    name: 'edit a leaf, its hash and what is searched',
    how: `${leafChange(flipped('leaf', 115), 'idx = 5')}; UPDATE ct.certificate SET serial = ${flipped('serial', 1)} WHERE idx = 5`,
    finds: [...ANOTHER_TILE, 'ct.entry fields_differ'],
    kept: 'log_rewritten',
  },
  {
    name: 'edit a leaf and keep its hash',
    how: `ALTER TABLE ct.entry DROP CONSTRAINT entry_leaf_hash_check; UPDATE ct.entry SET leaf = ${flipped('leaf', 'octet_length(leaf) - 10')} WHERE idx = 5`,
    finds: ['ct.entry fields_differ', 'ct.entry leaf_hash_differs'],
    undo: HASH_CHECK,
  },
  {
    name: 'make a leaf unreadable',
    how: leafChange(flipped('leaf', 0), 'idx = 5'),
    finds: [
      ...ANOTHER_TILE,
      'ct.certificate row_unfounded',
      'ct.entry malformed_leaf',
      'ct.identity row_unfounded',
      'ct.private_context row_unfounded',
    ],
    kept: 'log_rewritten',
  },
  {
    name: 'swap two entries with all that belongs to them',
    how: swapped(3, 4),
    finds: [...ANOTHER_TILE, 'ct.entry time_decreases'],
    kept: 'log_rewritten',
  },
  {
    name: 'swap two leaves',
    how: `ALTER TABLE ct.entry DROP CONSTRAINT entry_leaf_hash_check;
      UPDATE ct.entry e SET leaf = o.leaf, leaf_hash = o.leaf_hash FROM ct.entry o WHERE e.idx + o.idx = 7 AND e.idx IN (3, 4)`,
    undo: HASH_CHECK,
    finds: [
      ...ANOTHER_TILE,
      'ct.certificate row_differs',
      'ct.entry time_decreases',
      'ct.identity row_differs',
      'ct.private_context commitment_differs',
    ],
    kept: 'log_rewritten',
  },
  {
    name: 'delete an entry with all that belongs to it',
    how: deleteFrom('idx = 10'),
    finds: [...ANOTHER_TILE, 'ct.entry entry_missing'],
    kept: 'log_rewritten',
  },
  {
    name: 'delete an entry and renumber',
    how: `${deleteFrom('idx = 10')}; ${renumber(11, -1)}`,
    finds: [...ANOTHER_TILE, 'ct.checkpoint log_shrunk'],
    kept: 'log_shrunk',
  },
  {
    name: 'insert a forged entry at the end',
    how: insertForged,
    finds: [
      'ct.checkpoint checkpoint_missing',
      'ct.entry duplicate',
      'ct.identity row_missing',
      'ct.certificate row_missing',
      'ct.private_context context_missing',
    ],
  },
  {
    name: 'insert a copy in the middle and renumber',
    how: `${renumber(20, 1)}; INSERT INTO ct.entry SELECT 20, leaf, leaf_hash FROM ct.entry WHERE idx = 21`,
    finds: [
      ...ANOTHER_TILE,
      'ct.certificate row_missing',
      'ct.checkpoint checkpoint_missing',
      'ct.entry duplicate',
      'ct.identity row_missing',
      'ct.private_context context_missing',
    ],
    kept: 'log_rewritten',
  },
  {
    name: 'insert an entry before the first',
    how: `ALTER TABLE ct.entry DROP CONSTRAINT entry_idx_check; INSERT INTO ct.entry SELECT -1, leaf, leaf_hash FROM ct.entry WHERE idx = 0`,
    finds: ['ct.entry duplicate', 'ct.entry entry_index', 'ct.entry revocation_names_other_entry'],
    undo: 'ALTER TABLE ct.entry ADD CONSTRAINT entry_idx_check CHECK (idx >= 0)',
  },
  {
    name: 'insert an entry far behind the last',
    how: 'INSERT INTO ct.entry SELECT 1000000000000, leaf, leaf_hash FROM ct.entry WHERE idx = 0',
    finds: ['ct.entry entry_missing', 'ct.entry time_decreases'],
  },
];
