import { Metrics, Readiness } from '@libs/http';
import { Client } from 'pg';
import { PostureWatch } from '../src/audit/posture-watch';
import { DEFINITIONS } from '../src/database/posture/definitions';
import { MANIFEST } from '../src/database/posture/manifest';
import { type Finding, postureFindings } from '../src/database/posture/posture';
import { type LogDatabaseFixture, migratedLogDatabase, query, type RunningLog, startLog } from './log-fixture';

let database: LogDatabaseFixture;
let client: Client;

beforeAll(async () => {
  database = await migratedLogDatabase();
  client = new Client({ connectionString: database.superuserUrl });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

/** What the runtime role sees after a superuser's change, which is taken back: roles belong to all tests on the server. */
async function findingsAfter(change: string): Promise<readonly Finding[]> {
  await client.query('BEGIN');
  try {
    await client.query(change);
    await client.query('SET LOCAL ROLE ct_writer');
    return await postureFindings({ rows: async (sql: string) => (await client.query(sql)).rows });
  } finally {
    await client.query('ROLLBACK');
  }
}

const sentences = (findings: readonly Finding[]) => findings.map(({ kind, sentence }) => `${kind}: ${sentence}`);

describe('the posture', () => {
  it('has nothing to say about what the migrations made', async () => {
    expect(sentences(await findingsAfter('SELECT 1'))).toEqual([]);
  });

  it('knows every definition there is', async () => {
    const rows = await query(database.writerUrl, DEFINITIONS);
    // After a change of a migration, this is how the manifest has to read.
    expect(Object.fromEntries(rows.map(({ object, digest }) => [object, digest]))).toEqual(MANIFEST);
  });

  const noGuard =
    'DROP EVENT TRIGGER ct_guard_before_ddl; DROP EVENT TRIGGER ct_guard_on_drop; DROP EVENT TRIGGER ct_guard_on_ddl';

  it.each<[string, string, string]>([
    [
      'a trigger that is gone',
      'DROP TRIGGER refuse_change ON ct.entry',
      'missing: trigger refuse_change on ct.entry is missing',
    ],
    [
      'a trigger that is off',
      'ALTER TABLE ct.tile DISABLE TRIGGER refuse_row_change',
      'changed: trigger refuse_row_change on ct.tile is not what the migrations made',
    ],
    [
      'a trigger that a replica does not run',
      'ALTER TABLE ct.checkpoint ENABLE TRIGGER refuse_truncate',
      'changed: trigger refuse_truncate on ct.checkpoint is not what the migrations made',
    ],
    [
      'a trigger that swallows rows',
      'CREATE TRIGGER swallow BEFORE INSERT ON ct.revocation FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
      'foreign: trigger swallow on ct.revocation is none of ours',
    ],
    [
      'a function with another body',
      'CREATE OR REPLACE FUNCTION ct.check_session() RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$',
      'changed: function ct.check_session() is not what the migrations made',
    ],
    [
      'a gate without its search path',
      'ALTER FUNCTION ct.append_entries(bytea[],bytea[],text[],bigint,bytea,text) RESET search_path',
      'changed: function ct.append_entries(bytea[],bytea[],text[],bigint,bytea,text) is not what the migrations made',
    ],
    [
      'another hash',
      "CREATE OR REPLACE FUNCTION ct.leaf_hash(leaf bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN sha256('\\x01'::bytea || leaf)",
      'changed: function ct.leaf_hash(bytea) is not what the migrations made',
    ],
    [
      'a constraint that is gone',
      'ALTER TABLE ct.entry DROP CONSTRAINT entry_leaf_hash_check',
      'missing: constraint entry_leaf_hash_check on ct.entry is missing',
    ],
    [
      'a constraint that allows more',
      'ALTER TABLE ct.revocation DROP CONSTRAINT revocation_reason_check; ALTER TABLE ct.revocation ADD CONSTRAINT revocation_reason_check CHECK (true)',
      'changed: constraint revocation_reason_check on ct.revocation is not what the migrations made',
    ],
    [
      'an event trigger that is gone',
      'DROP EVENT TRIGGER ct_guard_on_drop',
      'missing: event trigger ct_guard_on_drop is missing',
    ],
    [
      'an event trigger that is off',
      'ALTER EVENT TRIGGER ct_guard_on_ddl DISABLE',
      'changed: event trigger ct_guard_on_ddl is not what the migrations made',
    ],
    ['a right to write', 'GRANT UPDATE ON ct.entry TO ct_writer', 'privilege: ct_writer may UPDATE table ct.entry'],
    ['a right of everybody', 'GRANT SELECT ON ct.entry TO PUBLIC', 'privilege: PUBLIC may SELECT table ct.entry'],
    [
      'a right to references',
      'GRANT REFERENCES ON ct.entry TO ct_reader',
      'privilege: ct_reader may REFERENCES table ct.entry',
    ],
    [
      'a right to a column',
      'GRANT INSERT (reason) ON ct.erasure TO ct_auditor',
      'privilege: ct_auditor may INSERT column ct.erasure.reason',
    ],
    [
      'private contexts for the reader',
      'GRANT SELECT ON ct.private_context TO ct_reader',
      'privilege: ct_reader may SELECT table ct.private_context',
    ],
    [
      'the gate for the reader',
      'GRANT EXECUTE ON FUNCTION ct.append_entries(bytea[],bytea[],text[],bigint,bytea,text) TO ct_reader',
      'privilege: ct_reader may EXECUTE function ct.append_entries(bytea[],bytea[],text[],bigint,bytea,text)',
    ],
    [
      'another gate',
      'CREATE FUNCTION ct.other() RETURNS void LANGUAGE sql SECURITY DEFINER RETURN NULL; GRANT EXECUTE ON FUNCTION ct.other() TO PUBLIC',
      'privilege: PUBLIC may EXECUTE function ct.other()',
    ],
    ['a schema to create in', 'GRANT CREATE ON SCHEMA ct TO ct_writer', 'privilege: ct_writer may CREATE schema ct'],
    [
      'rights on what will be',
      'ALTER DEFAULT PRIVILEGES FOR ROLE ct_owner GRANT INSERT ON TABLES TO ct_writer',
      'privilege: ct_writer is granted what ct_owner will create',
    ],
    [
      'another owner',
      'ALTER TABLE ct.tile OWNER TO ct_migrator',
      'ownership: relation ct.tile is owned by ct_migrator',
    ],
    ['a writer that may be the owner', 'GRANT ct_owner TO ct_writer', 'membership: ct_writer is a member of ct_owner'],
    [
      'a writer that may write anything',
      'GRANT pg_write_all_data TO ct_writer',
      'membership: ct_writer is a member of pg_write_all_data',
    ],
    ['a second writer', 'GRANT ct_writer TO ct_reader', 'membership: ct_reader is a member of ct_writer'],
    ['a superuser', 'ALTER ROLE ct_writer SUPERUSER', 'attribute: ct_writer may do everything (SUPERUSER)'],
    ['a role that bypasses', 'ALTER ROLE ct_auditor BYPASSRLS', 'attribute: ct_auditor may bypass row security'],
    ['an owner that logs in', 'ALTER ROLE ct_owner LOGIN', 'attribute: ct_owner may log in'],
    [
      'a rule',
      `${noGuard}; CREATE RULE forget AS ON INSERT TO ct.revocation DO INSTEAD NOTHING`,
      'detour: rule forget on ct.revocation',
    ],
    ['row security', `${noGuard}; ALTER TABLE ct.entry ENABLE ROW LEVEL SECURITY`, 'detour: row security on ct.entry'],
    ['a child', `${noGuard}; CREATE TABLE public.child () INHERITS (ct.entry)`, 'detour: inheritance on ct.entry'],
    [
      'a table that a crash empties',
      `${noGuard}; ALTER TABLE ct.tile SET UNLOGGED`,
      'detour: no write-ahead log on ct.tile',
    ],
    [
      'a foreign key that is off',
      'ALTER TABLE ct.revocation DISABLE TRIGGER ALL',
      'detour: disabled foreign key on ct.revocation',
    ],
  ])('finds %s', async (_, change, finding) => {
    expect(sentences(await findingsAfter(change))).toContain(finding);
  });

  it('does without event triggers where the server has none to offer', async () => {
    expect(sentences(await findingsAfter(`${noGuard}; DROP SCHEMA ct_guard CASCADE`))).toEqual([]);
  });

  it('finds a service that is connected as somebody else', async () => {
    const findings = await postureFindings({ rows: async (sql: string) => (await client.query(sql)).rows });
    expect(sentences(findings)).toContain('runtime role: the service is connected as postgres');
  });
});

describe('a running service', () => {
  let log: RunningLog;
  beforeAll(async () => {
    log = await startLog(database);
  });
  afterAll(() => log.close());

  const readiness = async () => (await log.app.get(Readiness, { strict: false }).report()).checks['posture'];
  const metrics = () => log.app.get(Metrics, { strict: false }).registry.getSingleMetricAsString('ct_posture_finding');

  it('is not ready while something is found, and says what', async () => {
    const posture = log.app.get(PostureWatch, { strict: false });
    expect(await readiness()).toBe('ok');
    await query(database.superuserUrl, 'ALTER TABLE ct.entry DISABLE TRIGGER refuse_change');
    await posture.start();
    expect(await readiness()).toBe('failed');
    expect(await metrics()).toMatch(/\{kind="changed",finding="trigger refuse_change on ct.entry is not [^"]*"\} 1/);
    await query(database.superuserUrl, 'ALTER TABLE ct.entry ENABLE ALWAYS TRIGGER refuse_change');
    await posture.start();
    expect(await readiness()).toBe('ok');
    expect(await metrics()).not.toMatch(/\{kind/);
  });
});
