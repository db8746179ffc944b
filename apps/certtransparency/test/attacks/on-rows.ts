import { GUARDED_TABLES } from '../../src/database/guard';
import { type AttackGroup, REFUSED_TO_ALL_BUT_OWNERS } from './attack';

type Table = (typeof GUARDED_TABLES)[number];

/** A column of each table, and what a row can be copied by where `*` will not do. */
const COLUMNS: Readonly<Record<Table, string>> = {
  'ct.entry': 'leaf',
  'ct.identity': 'kind',
  'ct.tile': 'hashes',
  'ct.checkpoint': 'note',
  'ct.certificate': 'common_name',
  'ct.revocation': 'reason',
  'ct.erasure': 'reason',
  'ct_crl.crl_number': 'number',
  'ct.private_context': 'context',
};

const everyTable = (statements: (table: Table, column: string) => readonly string[]) =>
  GUARDED_TABLES.flatMap((table) => statements(table, COLUMNS[table]));

/** Revocations refer to certificates: what the triggers would let go, the foreign key holds. */
const isReferredTo = (table: Table) => table === 'ct.certificate';

function updates(table: Table, column: string): string[] {
  const set = `SET ${column} = ${column}`;
  return [
    `UPDATE ${table} ${set}`,
    `UPDATE ${table} ${set} WHERE false`,
    `UPDATE ONLY ${table} ${set} FROM pg_class WHERE relname = 'entry'`,
    `WITH changed AS (UPDATE ${table} ${set} RETURNING 1) SELECT count(*) FROM changed`,
    `MERGE INTO ${table} t USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE ${set}`,
    insertOnConflict(table, column),
    `SET row_security = off; UPDATE ${table} ${set}`,
  ];
}

function insertOnConflict(table: Table, column: string): string {
  const [list, values] = copiedColumns(table);
  const key = `${table.split('.')[1] ?? ''}_pkey`;
  return `INSERT INTO ${table} ${list} SELECT ${values} FROM ${table}
    ON CONFLICT ON CONSTRAINT ${key} DO UPDATE SET ${column} = EXCLUDED.${column}`;
}

/** Generated columns cannot be inserted. */
function copiedColumns(table: Table): readonly [list: string, values: string] {
  const columns = 'idx, entry_type, salt, context';
  return table === 'ct.private_context' ? [`(${columns})`, columns] : ['', '*'];
}

function deletions(table: Table): string[] {
  return [
    `DELETE FROM ${table}`,
    `DELETE FROM ${table} USING pg_class WHERE relname = 'entry'`,
    `WITH gone AS (DELETE FROM ${table} RETURNING 1) SELECT count(*) FROM gone`,
    `MERGE INTO ${table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE`,
    `DO $$ BEGIN DELETE FROM ${table}; END $$`,
    `PREPARE forget AS DELETE FROM ${table}; EXECUTE forget`,
    `EXPLAIN ANALYZE DELETE FROM ${table}`,
    `BEGIN; DECLARE rows CURSOR FOR SELECT * FROM ${table} FOR UPDATE; FETCH rows;
      DELETE FROM ${table} WHERE CURRENT OF rows`,
  ];
}

function truncations(table: Table): string[] {
  return [
    ...(isReferredTo(table) ? [] : [`TRUNCATE ${table}`]),
    `TRUNCATE ${table} RESTART IDENTITY CASCADE`,
    `DO $$ BEGIN EXECUTE 'TRUNCATE ${table} CASCADE'; END $$`,
  ];
}

const REFUSED_BY_TRIGGER = '42501 42501 42501 CT010 CT010 CT010';
const TRIGGERS_REFUSE_ALL = 'CT010 CT010 CT010 CT010 CT010 CT010';
const ALREADY_THERE = '42501 42501 42501 23505 23505 23505';

export const ATTACKS_ON_ROWS: readonly AttackGroup[] = [
  {
    about: 'changing, deleting and truncating',
    statements: everyTable((table, column) => [
      ...updates(table, column),
      ...(isReferredTo(table) ? [] : deletions(table)),
      ...truncations(table),
    ]),
    shipped: REFUSED_BY_TRIGGER,
    bare: REFUSED_TO_ALL_BUT_OWNERS,
    open: TRIGGERS_REFUSE_ALL,
  },
  {
    about: 'deleting what is referred to',
    statements: deletions('ct.certificate'),
    shipped: REFUSED_BY_TRIGGER,
    bare: '42501 42501 42501 23503 23503 23503',
    open: TRIGGERS_REFUSE_ALL,
  },
  {
    about: 'as a replica, for which ordinary triggers do not fire',
    statements: everyTable((table) => [`SET session_replication_role = replica; DELETE FROM ${table}`]),
    shipped: '42501 42501 42501 42501 42501 CT010',
    bare: '42501 42501 42501 42501 42501 through',
    open: '42501 42501 42501 42501 42501 CT010',
  },
  {
    about: 'inserting what is there',
    statements: everyTable((table) => {
      const [list, values] = copiedColumns(table);
      return table === 'ct.entry' ? [] : [`INSERT INTO ${table} ${list} SELECT ${values} FROM ${table}`];
    }),
    shipped: ALREADY_THERE,
    bare: ALREADY_THERE,
    open: '23505 23505 23505 23505 23505 23505',
  },
  {
    about: 'inserting out of order',
    statements: [
      'INSERT INTO ct.checkpoint SELECT size + 1, root, note, frontier FROM ct.checkpoint ORDER BY size DESC LIMIT 1',
      "INSERT INTO ct.identity VALUES (decode(repeat('ab', 32), 'hex'), 1, 5000)",
      'INSERT INTO ct.erasure SELECT 5000, request, reason, actor_commitment FROM ct.erasure',
    ],
    shipped: '42501 42501 42501 CT011 CT011 CT011',
    bare: REFUSED_TO_ALL_BUT_OWNERS,
    open: 'CT011 CT011 CT011 CT011 CT011 CT011',
  },
  {
    about: 'inserting an entry out of order, whose hash only the owner may compute',
    statements: ['INSERT INTO ct.entry SELECT 5000, leaf, leaf_hash FROM ct.entry WHERE idx = 0'],
    shipped: '42501 42501 42501 CT011 CT011 CT011',
    bare: REFUSED_TO_ALL_BUT_OWNERS,
    open: '42501 42501 42501 CT011 CT011 CT011',
  },
  {
    // The gate inserts as the owner, so nothing in the database can tell the owner from it: fsck finds what is forged.
    about: 'inserting a forged entry that follows the last',
    statements: [
      "INSERT INTO ct.entry SELECT max(idx) + 1, repeat('x', 200)::bytea, ct.leaf_hash(repeat('x', 200)::bytea) FROM ct.entry",
    ],
    shipped: REFUSED_TO_ALL_BUT_OWNERS,
    bare: REFUSED_TO_ALL_BUT_OWNERS,
    open: REFUSED_TO_ALL_BUT_OWNERS,
  },
  {
    about: 'inserting forged rows about an entry that is there',
    statements: [
      'INSERT INTO ct.revocation SELECT fingerprint, idx, issuer, 4, logged_at, logged_at FROM ct.certificate WHERE idx = 9',
      'INSERT INTO ct.erasure SELECT 9, request, reason, actor_commitment FROM ct.erasure',
    ],
    shipped: REFUSED_TO_ALL_BUT_OWNERS,
    bare: REFUSED_TO_ALL_BUT_OWNERS,
    open: 'through through through through through through',
  },
  {
    about: 'copying from files and programs of the server',
    statements: [...everyTable((table) => [`COPY ${table} FROM '/dev/null'`]), "COPY ct.entry FROM PROGRAM 'true'"],
    shipped: '42501 42501 42501 42501 42501 nothing',
    bare: '42501 42501 42501 42501 42501 nothing',
    open: '42501 42501 42501 42501 42501 nothing',
  },
];
