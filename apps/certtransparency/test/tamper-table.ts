import { randomBytes } from 'node:crypto';
import { encodeLeaf, generateNoteKey, type Leaf } from '@libs/tlog';
import { writeBatches } from './log-content';
import type { WrittenEntry } from './log-writer';
import type { Tampering } from './tamper-fixture';

export interface Harm {
  readonly name: string;
  /** Statements, or whatever else a superuser can think of. */
  readonly how: string | ((tampering: Tampering) => Promise<unknown>);
  /** Everything that fsck finds without help, as `table code`. */
  readonly finds: readonly string[];
  /** What it finds besides with a checkpoint that was kept. */
  readonly kept?: 'log_rewritten' | 'log_shrunk';
}

/** Roots and frontiers from the changed entry on, the tile that it lies in, and what the notes state. */
const ANOTHER_TREE = ['ct.checkpoint frontier_differs', 'ct.checkpoint note_differs', 'ct.checkpoint root_differs'];
const ANOTHER_TILE = [...ANOTHER_TREE, 'ct.tile row_differs'];

const TABLES = ['entry', 'identity', 'certificate', 'revocation', 'private_context', 'erasure'];
const EVERYTHING = [...TABLES, 'tile', 'checkpoint'].map((table) => `ct.${table}`).join(', ');

const flipped = (column: string, at: number | string) => `set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1)`;

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

const deleteFrom = (condition: string, tables: readonly string[] = TABLES) =>
  [...tables]
    .reverse()
    .map((table) => `DELETE FROM ct.${table} WHERE ${condition}`)
    .join(';');

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

/** The same log without one certificate, or with other entries, as if it had always been so. */
async function rewrite(
  { client, url }: Tampering,
  signer: Tampering['stolenKey'],
  batches: readonly (readonly WrittenEntry[])[],
): Promise<void> {
  await client.query(`TRUNCATE ${EVERYTHING}`);
  await writeBatches(url, signer, batches);
}

function withoutEntry(batches: Tampering['content']['batches'], index: number): WrittenEntry[][] {
  const left = batches.flat().filter((entry, i) => i !== index && entry.leaf.type !== 'revoked');
  return [left.slice(0, 100), left.slice(100)];
}

/** The gate does not read X.509: whoever has the key can log a name that the certificate has not. */
function withOtherFields(batches: Tampering['content']['batches'], change: (leaf: Leaf) => Leaf): WrittenEntry[][] {
  return batches.map((batch, i) =>
    batch.map((entry, j) => (i === 2 && j === 2 ? { ...entry, leaf: change(entry.leaf) } : entry)),
  );
}

const ENTRIES: readonly Harm[] = [
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
];

const WHOLE_LOGS: readonly Harm[] = [
  {
    name: 'rewrite everything with another key',
    how: (lab) => rewrite(lab, generateNoteKey('log.test/tamper'), withoutEntry(lab.content.batches, 10)),
    finds: ['ct.checkpoint note_unverified'],
    kept: 'log_shrunk',
  },
  {
    name: 'rewrite everything with the stolen key, one certificate less',
    how: (lab) => rewrite(lab, lab.stolenKey, withoutEntry(lab.content.batches, 10)),
    finds: [],
    kept: 'log_shrunk',
  },
  {
    name: 'rewrite everything with the stolen key, as long as it was',
    how: (lab) => rewrite(lab, lab.stolenKey, exchanged(lab.content.batches)),
    finds: [],
    kept: 'log_rewritten',
  },
  {
    name: 'rewrite everything with the stolen key and a name that a certificate has not',
    how: (lab) => rewrite(lab, lab.stolenKey, withOtherFields(lab.content.batches, renamed)),
    finds: ['ct.entry fields_differ'],
    kept: 'log_rewritten',
  },
  {
    name: 'cut the tail off',
    how: `${deleteFrom('idx >= 200')}; DELETE FROM ct.tile; DELETE FROM ct.checkpoint WHERE size > 200`,
    finds: [],
    kept: 'log_shrunk',
  },
  {
    name: 'cut the tail off and leave the checkpoints',
    how: `${deleteFrom('idx >= 200')}; DELETE FROM ct.tile`,
    finds: ['ct.checkpoint log_shrunk'],
    kept: 'log_shrunk',
  },
  { name: 'empty the log', how: `TRUNCATE ${EVERYTHING}`, finds: [], kept: 'log_shrunk' },
];

function renamed(leaf: Leaf): Leaf {
  return leaf.type === 'issued' ? { ...leaf, commonName: 'somebody.else@example.org' } : leaf;
}

/** Two certificates in each other's place, each with the time of the place. */
function exchanged(batches: Tampering['content']['batches']): WrittenEntry[][] {
  const [first, second] = [batches[4]?.[0], batches[4]?.[1]];
  if (first === undefined || second === undefined) throw new Error('there are no certificates');
  const moved = [
    { ...second, leaf: { ...second.leaf, loggedAt: first.leaf.loggedAt } },
    { ...first, leaf: { ...first.leaf, loggedAt: second.leaf.loggedAt } },
  ];
  return batches.map((batch, i) => (i === 4 ? [...moved, ...batch.slice(2)] : [...batch]));
}

const TREE: readonly Harm[] = [
  {
    name: 'change a hash in a tile',
    how: `UPDATE ct.tile SET hashes = ${flipped('hashes', 77)}`,
    finds: ['ct.tile row_differs'],
  },
  {
    name: "change a tile's root",
    how: `UPDATE ct.tile SET root = ${flipped('root', 3)}`,
    finds: ['ct.tile row_differs'],
  },
  { name: 'delete a tile', how: 'DELETE FROM ct.tile', finds: ['ct.tile row_missing'] },
  {
    name: 'add a tile that is not full yet',
    how: 'INSERT INTO ct.tile SELECT level, 1, hashes, root FROM ct.tile',
    finds: ['ct.tile row_unfounded'],
  },
  {
    name: 'add a tile of a level that is not there yet',
    how: 'INSERT INTO ct.tile SELECT 1, n, hashes, root FROM ct.tile',
    finds: ['ct.tile row_unfounded'],
  },
  {
    name: 'swap two notes',
    how: 'UPDATE ct.checkpoint c SET note = o.note FROM ct.checkpoint o WHERE c.size + o.size = 24 AND c.size IN (8, 16)',
    finds: ['ct.checkpoint note_differs'],
  },
  {
    name: 'change a signature',
    how: "UPDATE ct.checkpoint SET note = regexp_replace(note, '(.{20}).(.{9})$', '\\1A\\2') WHERE size = 16",
    finds: ['ct.checkpoint note_signature_invalid', 'ct.checkpoint note_unverified'],
  },
  {
    name: 'put a note of another log in the place of one',
    how: "UPDATE ct.checkpoint SET note = replace(note, 'log.test/tamper', 'log.test/other') WHERE size = 16",
    finds: ['ct.checkpoint note_unverified', 'ct.checkpoint origin_differs'],
  },
  {
    name: 'make a note unreadable',
    how: "UPDATE ct.checkpoint SET note = 'log' WHERE size = 16",
    finds: ['ct.checkpoint malformed_note'],
  },
  {
    name: 'change a root',
    how: `UPDATE ct.checkpoint SET root = ${flipped('root', 3)} WHERE size = 16`,
    finds: ['ct.checkpoint root_differs'],
  },
  {
    name: 'change a frontier',
    how: `UPDATE ct.checkpoint SET frontier = ${flipped('frontier', 3)} WHERE size = 24`,
    finds: ['ct.checkpoint frontier_differs'],
  },
  {
    name: 'delete the last checkpoint',
    how: 'DELETE FROM ct.checkpoint WHERE size = (SELECT max(size) FROM ct.checkpoint)',
    finds: ['ct.checkpoint checkpoint_missing'],
  },
  {
    name: 'give a checkpoint another size',
    how: 'UPDATE ct.checkpoint SET size = 17 WHERE size = 16',
    finds: ANOTHER_TREE,
  },
];

/** A value of every column, and how to change it. */
const CERTIFICATE_CHANGES: Readonly<Record<string, string>> = {
  fingerprint: flipped('fingerprint', 1),
  issuer: flipped('issuer', 1),
  serial: flipped('serial', 1),
  kind: '2',
  common_name: "'somebody.else@example.org'",
  not_before: "not_before + interval '1 millisecond'",
  not_after: "not_after + interval '1 year'",
  logged_at: "logged_at - interval '1 millisecond'",
};

const REVOCATION_CHANGES: Readonly<Record<string, string>> = {
  fingerprint: flipped('fingerprint', 1),
  issuer: flipped('issuer', 1),
  reason: '0',
  revoked_at: "revoked_at + interval '1 year'",
  logged_at: "logged_at - interval '1 millisecond'",
};

const columnChanges = (table: string, index: number, changes: Readonly<Record<string, string>>): Harm[] =>
  Object.entries(changes).map(([column, value]) => ({
    name: `change ${column} of ${table}`,
    how: `UPDATE ${table} SET ${column} = ${value} WHERE idx = ${index}`,
    finds: [`${table} row_differs`],
  }));

const forgedHash = () => `'\\x${randomBytes(32).toString('hex')}'`;

const PROJECTIONS: readonly Harm[] = [
  ...columnChanges('ct.certificate', 30, CERTIFICATE_CHANGES),
  ...columnChanges('ct.revocation', 264, REVOCATION_CHANGES),
  ...columnChanges('ct.identity', 30, { fingerprint: flipped('fingerprint', 1), kind: '2' }),
  {
    name: 'delete a revocation',
    how: 'DELETE FROM ct.revocation WHERE idx = 264',
    finds: ['ct.revocation row_missing'],
  },
  {
    name: 'delete a certificate from the search',
    how: 'DELETE FROM ct.certificate WHERE idx = 30',
    finds: ['ct.certificate row_missing'],
  },
  { name: 'delete an identity', how: 'DELETE FROM ct.identity WHERE idx = 30', finds: ['ct.identity row_missing'] },
  {
    name: 'add a forged revocation',
    how: 'INSERT INTO ct.revocation SELECT fingerprint, idx, issuer, 4, logged_at, logged_at FROM ct.certificate WHERE idx = 30',
    finds: ['ct.revocation row_unfounded'],
  },
  {
    name: 'add a forged certificate behind the end',
    how: `INSERT INTO ct.certificate SELECT 5000, ${forgedHash()}, issuer, serial, kind, common_name, not_before, not_after, logged_at
      FROM ct.certificate WHERE idx = 30`,
    finds: ['ct.certificate row_unfounded'],
  },
  {
    name: 'add a forged identity',
    how: `INSERT INTO ct.identity VALUES (${forgedHash()}, 1, 5000)`,
    finds: ['ct.identity row_unfounded'],
  },
  {
    name: 'add an identity of an entry that has one',
    how: `ALTER TABLE ct.identity DROP CONSTRAINT identity_idx_key; INSERT INTO ct.identity VALUES (${forgedHash()}, 1, 30)`,
    finds: ['ct.identity row_differs', 'ct.identity row_unfounded'],
  },
  {
    name: 'delete a CRL number',
    how: 'DELETE FROM ct_crl.crl_number WHERE number = 1',
    finds: ['ct_crl.crl_number row_missing'],
  },
  {
    name: 'delete the last CRL number',
    how: 'DELETE FROM ct_crl.crl_number WHERE number = 2',
    finds: ['ct_crl.crl_number row_missing'],
  },
  {
    name: 'set back the time of a CRL',
    how: "UPDATE ct_crl.crl_number SET this_update = this_update - interval '1 hour' WHERE number = 2",
    finds: ['ct_crl.crl_number row_differs'],
  },
];

const CONTEXTS: readonly Harm[] = [
  {
    name: 'change a private context',
    how: `UPDATE ct.private_context SET context = replace(context, 'psk-3', 'psk-9') WHERE idx = 3`,
    finds: ['ct.private_context commitment_differs'],
  },
  {
    name: 'spell a private context in another way',
    how: `UPDATE ct.private_context SET context = replace(context, ',', ', ') WHERE idx = 3`,
    finds: ['ct.private_context commitment_differs'],
  },
  {
    name: 'change a salt',
    how: `UPDATE ct.private_context SET salt = ${flipped('salt', 9)} WHERE idx = 3`,
    finds: ['ct.private_context commitment_differs'],
  },
  {
    name: 'change what is searched of a private context',
    how: `ALTER TABLE ct.private_context ALTER COLUMN psk_id DROP EXPRESSION; UPDATE ct.private_context SET psk_id = 'psk-9' WHERE idx = 3`,
    finds: ['ct.private_context row_differs'],
  },
  {
    name: 'call it the context of another kind of entry',
    how: 'UPDATE ct.private_context SET entry_type = 2 WHERE idx = 3',
    finds: ['ct.private_context row_differs'],
  },
  {
    name: 'delete a private context without a record',
    how: 'DELETE FROM ct.private_context WHERE idx = 3',
    finds: ['ct.private_context context_missing'],
  },
  {
    name: 'delete the record of an erasure',
    how: 'DELETE FROM ct.erasure',
    finds: ['ct.private_context context_missing'],
  },
  {
    name: 'record an erasure that was none',
    how: 'INSERT INTO ct.erasure SELECT 3, request, reason, actor_commitment FROM ct.erasure',
    finds: ['ct.private_context context_erased'],
  },
  {
    name: 'record an erasure of what was never there',
    how: 'INSERT INTO ct.erasure SELECT 266, request, reason, actor_commitment FROM ct.erasure',
    finds: ['ct.erasure row_unfounded'],
  },
  {
    name: 'give a context to an entry that has none',
    how: "INSERT INTO ct.private_context (idx, entry_type, salt, context) SELECT 266, 3, salt, '{}' FROM ct.private_context WHERE idx = 3",
    finds: ['ct.private_context commitment_differs'],
  },
  {
    name: 'add a context behind the end',
    how: "INSERT INTO ct.private_context (idx, entry_type, salt, context) SELECT 5000, 3, salt, '{}' FROM ct.private_context WHERE idx = 3",
    finds: ['ct.private_context row_unfounded'],
  },
];

/** What a superuser can do to a log whose triggers are off, and by what it shows. */
export const HARMS: readonly Harm[] = [...ENTRIES, ...WHOLE_LOGS, ...TREE, ...PROJECTIONS, ...CONTEXTS];
