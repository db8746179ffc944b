import { generateNoteKey } from '@libs/tlog';
import { Client, DatabaseError } from 'pg';
import { GUARDED_TABLES } from '../src/database/guard';
import { TestIssuer } from './certificate-fixture';
import { logContent, writeContent } from './log-content';
import { type LogDatabaseFixture, migratedLogDatabase, query } from './log-fixture';

/** Who attacks. The owner cannot log in: the migrator may become it, and a superuser may put it on. */
export const ACTORS = ['writer', 'reader', 'migrator', 'migrator as owner', 'owner', 'superuser'] as const;
export type Actor = (typeof ACTORS)[number];

/**
 * What came of a statement: the SQLSTATE of its refusal; `nothing`, it was carried out and changed nothing of the log; or
 * `through`, it did what it was meant to.
 */
export type Outcome = string;

/** The event triggers of the guard. */
const EVENT_TRIGGERS = ['ct_guard_before_ddl', 'ct_guard_on_drop', 'ct_guard_on_ddl'];

/** A filled log and a connection to it for everybody. */
export class AttackRange {
  private readonly clients = new Map<Actor, Client>();

  private constructor(readonly database: LogDatabaseFixture) {}

  static async open(): Promise<AttackRange> {
    const database = await migratedLogDatabase();
    const signer = generateNoteKey('log.test/attacked');
    await writeContent(database, signer, await logContent(await TestIssuer.create(), signer.name));
    return new AttackRange(database);
  }

  async close(): Promise<void> {
    for (const client of this.clients.values()) await client.end();
    await this.database.drop();
  }

  /** All triggers gone, event triggers included: nothing but privileges is left. */
  async dropTriggers(): Promise<void> {
    const { superuserUrl } = this.database;
    await query(superuserUrl, EVENT_TRIGGERS.map((name) => `DROP EVENT TRIGGER ${name}`).join('; '));
    const triggers = await query(
      superuserUrl,
      "SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) AS drop FROM pg_trigger WHERE NOT tgisinternal",
    );
    await query(superuserUrl, triggers.map((row) => String(row['drop'])).join('; '));
  }

  /** Everybody may do everything to every table: nothing but triggers is left. */
  async grantEverything(): Promise<void> {
    const everybody = 'ct_writer, ct_reader, ct_migrator';
    const state = (how: string) => EVENT_TRIGGERS.map((name) => `ALTER EVENT TRIGGER ${name} ${how}`);
    const grants = [
      `GRANT ALL ON SCHEMA ct, ct_crl TO ${everybody}`,
      `GRANT ALL ON ALL TABLES IN SCHEMA ct, ct_crl TO ${everybody}`,
    ];
    const statements = [...state('DISABLE'), ...grants, ...state('ENABLE ALWAYS')];
    await query(this.database.superuserUrl, statements.join('; '));
  }

  /**
   * Runs a statement for good, unless it is expected to go through: then what it did is taken back, so that the next
   * one finds the log as it was.
   */
  async attack(actor: Actor, sql: string, expected: Outcome): Promise<Outcome> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.attackOnce(actor, sql, expected);
      if (outcome !== INTERNAL_ERROR || attempt === ATTEMPTS) return outcome;
    }
  }

  private async attackOnce(actor: Actor, sql: string, expected: Outcome): Promise<Outcome> {
    const client = await this.clientOf(actor);
    try {
      await client.query(become(actor));
      if (expected === 'through') await client.query('BEGIN');
      await client.query(sql);
      return expected === 'through' ? 'through' : 'nothing';
    } catch (error) {
      if (error instanceof DatabaseError && error.code !== undefined) return error.code;
      throw error;
    } finally {
      await client.query('ROLLBACK');
      await client.query('DISCARD ALL');
    }
  }

  /** Every row of the log, and every definition, owner and privilege that keeps it, as one digest for each. */
  async digest(): Promise<Readonly<Record<string, unknown>>> {
    const rows = GUARDED_TABLES.map(
      (table) => `(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ${table} t) AS "${table}"`,
    );
    const [row] = await query(this.database.superuserUrl, `SELECT ${rows.join(', ')}, ${CATALOGUE} AS catalogue`);
    if (row === undefined || Object.values(row).includes(null)) throw new Error('a table of the log is empty');
    return row;
  }

  private async clientOf(actor: Actor): Promise<Client> {
    const known = this.clients.get(actor);
    if (known !== undefined) return known;
    const client = new Client({ connectionString: this.urlOf(actor) });
    await client.connect();
    this.clients.set(actor, client);
    return client;
  }

  private urlOf(actor: Actor): string {
    switch (actor) {
      case 'writer':
        return this.database.writerUrl;
      case 'reader':
        return this.database.readerUrl;
      case 'migrator':
      case 'migrator as owner':
        return this.database.migratorUrl;
      case 'owner':
      case 'superuser':
        return this.database.superuserUrl;
    }
  }
}

/**
 * «Tuple concurrently updated»: roles belong to the server, and what a role is dropped from is written down in a table that the
 * databases of all tests share.
 */
const INTERNAL_ERROR = 'XX000';
const ATTEMPTS = 5;

function become(actor: Actor): string {
  if (actor === 'owner') return 'SET SESSION AUTHORIZATION ct_owner';
  return actor === 'migrator as owner' ? 'SET ROLE ct_owner' : 'SELECT';
}

const OF_THE_LOG = "(SELECT oid FROM pg_namespace WHERE nspname IN ('ct', 'ct_crl', 'ct_guard'))";

const CATALOGUE = `(SELECT md5(string_agg(item, '|' ORDER BY item)) FROM (
  SELECT concat_ws(' ', oid::regclass, relkind, relowner, relacl, relrowsecurity, relforcerowsecurity, relpersistence, reloptions)
    FROM pg_class WHERE relnamespace IN ${OF_THE_LOG}
  UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, atttypid::regtype, attnotnull, attacl, attisdropped)
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relnamespace IN ${OF_THE_LOG} AND attnum > 0
  UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace IN ${OF_THE_LOG}
  UNION ALL SELECT concat_ws(' ', tgrelid::regclass, pg_get_triggerdef(oid), tgenabled) FROM pg_trigger
  UNION ALL SELECT concat_ws(' ', ev_class::regclass, pg_get_ruledef(oid)) FROM pg_rewrite
    WHERE ev_class IN (SELECT oid FROM pg_class WHERE relnamespace IN ${OF_THE_LOG})
  UNION ALL SELECT concat_ws(' ', polrelid::regclass, polname) FROM pg_policy
  UNION ALL SELECT concat_ws(' ', oid::regprocedure, proacl, proowner, pg_get_functiondef(oid)) FROM pg_proc
    WHERE pronamespace IN ${OF_THE_LOG}
  UNION ALL SELECT concat_ws(' ', evtname, evtenabled, evtfoid::regprocedure) FROM pg_event_trigger
  UNION ALL SELECT concat_ws(' ', nspname, nspowner, nspacl) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%temp%'
  UNION ALL SELECT concat_ws(' ', rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls) FROM pg_roles
    WHERE rolname LIKE 'ct\\_%'
  UNION ALL SELECT concat_ws(' ', roleid::regrole, member::regrole) FROM pg_auth_members
) AS catalogue (item))`;
