import { type AttackGroup, REFUSED_TO_ALL_BUT_OWNERS, REFUSED_TO_ALL_BUT_SUPERUSERS } from './attack';

const T = 'ct.entry';
const NOTHING = 'nothing nothing nothing nothing nothing nothing';
const ALL_FROZEN = 'CT012 CT012 CT012 CT012 CT012 CT012';

/** The same in all three runs: triggers and privileges on tables have no part in it. */
const always = (outcomes: string) => ({ shipped: outcomes, bare: outcomes, open: outcomes });

const append = (leaves: string, salts: string, contexts: string, size: string) =>
  `SELECT ct.append_entries(${leaves}, ${salts}, ${contexts}, ${size}, '', '')`;
const EMPTY_BATCH = append("'{}'", "'{}'", "'{}'", '1');

export const ATTACKS_ON_RIGHTS: readonly AttackGroup[] = [
  {
    // PostgreSQL answers a GRANT by somebody who has nothing to give with a warning.
    about: 'granting rights on the tables',
    statements: [
      `GRANT INSERT ON ${T} TO ct_writer`,
      `GRANT DELETE ON ${T} TO PUBLIC`,
      `GRANT UPDATE (leaf) ON ${T} TO ct_reader`,
      `GRANT TRUNCATE, TRIGGER ON ${T} TO ct_writer`,
      `GRANT ALL ON ${T} TO ct_migrator WITH GRANT OPTION`,
    ],
    shipped: 'nothing nothing 42501 CT012 CT012 CT012',
    bare: 'nothing nothing 42501 through through through',
    open: ALL_FROZEN,
  },
  {
    about: 'granting and revoking what gives no way to write',
    statements: [`GRANT CREATE ON SCHEMA ct TO ct_writer`, `REVOKE SELECT ON ${T} FROM ct_writer`],
    shipped: 'nothing nothing 42501 through through through',
    bare: 'nothing nothing 42501 through through through',
    open: ALL_FROZEN,
  },
  {
    about: 'opening the functions of the gate, which have the rights of their caller',
    statements: ['GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ct TO PUBLIC'],
    shipped: REFUSED_TO_ALL_BUT_OWNERS,
    bare: REFUSED_TO_ALL_BUT_OWNERS,
    open: '42501 42501 42501 CT012 CT012 CT012',
  },
  {
    about: 'deciding about what one will make oneself',
    statements: ['ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO ct_writer'],
    shipped: 'through through through through through through',
    bare: 'through through through through through through',
    open: ALL_FROZEN,
  },
  {
    about: 'giving tables, functions and schemas away',
    statements: [
      `ALTER TABLE ${T} OWNER TO ct_migrator`,
      'ALTER FUNCTION ct.refuse_change() OWNER TO ct_migrator',
      'ALTER SCHEMA ct OWNER TO ct_migrator',
    ],
    shipped: '42501 42501 42501 42501 42501 CT012',
    bare: REFUSED_TO_ALL_BUT_SUPERUSERS,
    open: '42501 42501 42501 42501 42501 CT012',
  },
  {
    about: 'rising to another role',
    statements: [
      'GRANT ct_owner TO ct_writer',
      'GRANT ct_writer TO ct_reader',
      'ALTER ROLE ct_writer SUPERUSER',
      'ALTER ROLE ct_owner LOGIN',
      'ALTER ROLE ct_writer SET session_replication_role = replica',
      'CREATE ROLE ct_other',
      'REASSIGN OWNED BY ct_owner TO ct_migrator',
      "UPDATE pg_authid SET rolsuper = true WHERE rolname = 'ct_writer'",
    ],
    ...always(REFUSED_TO_ALL_BUT_SUPERUSERS),
  },
  {
    about: 'becoming the owner',
    statements: ['SET ROLE ct_owner'],
    ...always('42501 42501 nothing nothing nothing nothing'),
  },
  {
    about: 'becoming the superuser',
    statements: ['SET ROLE postgres', "SELECT set_config('role', 'postgres', false)"],
    ...always('42501 42501 42501 42501 42501 nothing'),
  },
  {
    // The owner of this test has logged in as a superuser, since it cannot by itself.
    about: 'logging in as the superuser after the fact',
    statements: ['SET SESSION AUTHORIZATION postgres'],
    ...always('42501 42501 42501 42501 nothing nothing'),
  },
  {
    about: 'dropping a role that owns something',
    statements: ['DROP ROLE ct_owner'],
    ...always('42501 42501 42501 42501 42501 2BP01'),
  },
  {
    about: 'changing settings that switch triggers or durability off',
    statements: [
      "SELECT set_config('session_replication_role', 'replica', false)",
      'SET session_replication_role = replica',
      'SET ignore_checksum_failure = on',
    ],
    ...always('42501 42501 42501 42501 42501 nothing'),
  },
  {
    about: 'changing settings of the server',
    statements: ['ALTER SYSTEM SET fsync = off'],
    ...always('42501 42501 42501 42501 42501 -'),
  },
  {
    about: 'calling the gate with nothing',
    statements: [EMPTY_BATCH],
    ...always('CT002 42501 42501 CT002 CT002 CT002'),
  },
  {
    about: 'calling the gate with what is no leaf',
    statements: [
      append("ARRAY[''::bytea]", 'ARRAY[NULL::bytea]', 'ARRAY[NULL]', '(SELECT max(size) + 1 FROM ct.checkpoint)'),
    ],
    ...always('CT006 42501 42501 CT006 CT006 CT006'),
  },
  {
    about: 'calling the gate with another size',
    statements: [append("ARRAY[''::bytea]", 'ARRAY[NULL::bytea]', 'ARRAY[NULL]', '7')],
    ...always('CT003 42501 42501 CT003 CT003 CT003'),
  },
  {
    about: 'calling the gate from a session that could lose the commit or sees an old head',
    statements: [
      `BEGIN; SET LOCAL synchronous_commit = off; ${EMPTY_BATCH}`,
      `BEGIN ISOLATION LEVEL REPEATABLE READ; ${EMPTY_BATCH}`,
      `BEGIN ISOLATION LEVEL SERIALIZABLE; ${EMPTY_BATCH}`,
    ],
    ...always('CT001 42501 42501 CT001 CT001 CT001'),
  },
  {
    about: 'calling what is behind the gate, against the keys of the tables',
    statements: [
      `SELECT ct.insert_entries((SELECT max(size) FROM ct.checkpoint), ARRAY(SELECT leaf FROM ct.entry WHERE idx = 266),
        ARRAY(SELECT leaf_hash FROM ct.entry WHERE idx = 266), ARRAY[NULL::bytea], ARRAY[NULL])`,
      `INSERT INTO ${T} SELECT * FROM ${T}`,
    ],
    ...always('42501 42501 42501 23505 23505 23505'),
  },
  {
    about: 'calling what is behind the gate, against the checks of the tables',
    statements: ["SELECT ct.insert_tiles(ARRAY[0::smallint], ARRAY[1::bigint], ARRAY[''::bytea])"],
    ...always('42501 42501 42501 CT004 CT004 CT004'),
  },
  {
    about: 'calling what computes and changes nothing',
    statements: ["SELECT ct.grow(0, '', '{}')", "SELECT ct.leaf_hash('')", "SELECT ct.u16('abc', 0)"],
    ...always('42501 42501 42501 nothing nothing nothing'),
  },
  {
    about: "calling a trigger's function",
    statements: ['SELECT ct.refuse_change()'],
    ...always('42501 42501 42501 0A000 0A000 0A000'),
  },
  {
    about: 'erasing without saying what, or why',
    statements: ["SELECT ct.erase_contexts(gen_random_uuid(), NULL, NULL, 'x', '')"],
    ...always('CT013 42501 42501 CT013 CT013 CT013'),
  },
  {
    about: 'erasing without a reason, and CRL numbers of no issuer',
    statements: ["SELECT ct.erase_contexts(gen_random_uuid(), '{9}', NULL, '', '')", "SELECT ct_crl.allocate('')"],
    ...always('23514 42501 42501 23514 23514 23514'),
  },
  {
    about: 'moving a sequence, of which there is none',
    statements: ["SELECT nextval('ct.entry_idx_seq')", "SELECT setval('ct.entry_idx_seq', 1)"],
    shipped: '42P01 42P01 42501 42P01 42P01 42P01',
    bare: '42P01 42P01 42501 42P01 42P01 42P01',
    open: '42P01 42P01 42P01 42P01 42P01 42P01',
  },
  {
    about: 'reading and writing files of the server',
    statements: [
      "SELECT pg_read_file('postgresql.conf')",
      "SELECT pg_ls_dir('.')",
      `COPY ${T} TO '/dev/null'`,
      `COPY ${T} TO PROGRAM 'cat > /dev/null'`,
    ],
    ...always('42501 42501 42501 42501 42501 nothing'),
  },
  {
    about: 'bringing files of the server into the database',
    statements: ["SELECT lo_import('/dev/null')"],
    ...always(REFUSED_TO_ALL_BUT_SUPERUSERS),
  },
  {
    about: 'loading code into the server',
    statements: ["LOAD 'auto_explain'", "CREATE FUNCTION pg_catalog.mine() RETURNS int LANGUAGE c AS 'mine'"],
    ...always('42501 42501 42501 42501 42501 -'),
  },
  {
    about: 'reading private contexts',
    statements: ['COPY ct.private_context TO STDOUT', 'TABLE ct.private_context'],
    shipped: 'nothing 42501 42501 nothing nothing nothing',
    bare: 'nothing 42501 42501 nothing nothing nothing',
    open: NOTHING,
  },
  {
    about: 'keeping others waiting, as every reader of a table can',
    statements: [
      "SELECT pg_advisory_lock(x'4f56504e4354'::bigint)",
      'LISTEN ct',
      'NOTIFY ct',
      'SELECT lo_unlink(lo_create(0))',
    ],
    ...always(NOTHING),
  },
  {
    about: 'locking as a reader',
    statements: [`BEGIN; LOCK TABLE ${T} IN ACCESS SHARE MODE`],
    shipped: 'nothing nothing 42501 nothing nothing nothing',
    bare: 'nothing nothing 42501 nothing nothing nothing',
    open: NOTHING,
  },
  {
    about: 'locking as a writer',
    statements: [
      `BEGIN; LOCK TABLE ${T} IN ACCESS EXCLUSIVE MODE`,
      `BEGIN; LOCK TABLE ${T} IN ROW EXCLUSIVE MODE`,
      `SELECT idx FROM ${T} LIMIT 1 FOR UPDATE`,
      `SELECT idx FROM ${T} LIMIT 1 FOR KEY SHARE`,
    ],
    shipped: '42501 42501 42501 nothing nothing nothing',
    bare: '42501 42501 42501 nothing nothing nothing',
    open: NOTHING,
  },
];
