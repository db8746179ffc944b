/** Tables whose rows never change and never go. */
export const FROZEN_TABLES = [
  'ct.entry',
  'ct.identity',
  'ct.tile',
  'ct.checkpoint',
  'ct.certificate',
  'ct.revocation',
  'ct.erasure',
  'ct_crl.crl_number',
] as const;

/** Frozen tables, and the one whose rows may go but not change. */
export const GUARDED_TABLES = [...FROZEN_TABLES, 'ct.private_context'] as const;

/** What the tables' triggers and constraints call. */
const FROZEN_FUNCTIONS = [
  'ct.refuse_change()',
  'ct.check_contiguity()',
  'ct.check_checkpoint()',
  'ct.check_positions()',
  'ct.refuse_unrecorded_erasure()',
  'ct.leaf_hash(bytea)',
];

const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');
const TABLES = `ARRAY[${list(GUARDED_TABLES)}]`;
const FUNCTIONS = `ARRAY[${list(FROZEN_FUNCTIONS)}]`;
/** As PostgreSQL spells what a command was about. */
const IDENTITIES = `ARRAY[${list([...GUARDED_TABLES, ...FROZEN_FUNCTIONS, 'ct.leaf_hash(pg_catalog.bytea)', 'ct', 'ct_crl'])}]`;

/**
 * Event triggers that keep even the owner from taking the log's protection away: from the first entry on, the log's
 * tables and what guards them cannot be altered, dropped, replaced, inherited from, or opened to other roles. Adding tables,
 * indexes and functions stays possible. They belong to the superuser, who alone can create and disable them; where a
 * managed PostgreSQL has none to offer, privileges, table triggers and the Merkle tree remain.
 */
export const GUARD_SQL = `
CREATE SCHEMA IF NOT EXISTS ct_guard;

CREATE OR REPLACE FUNCTION ct_guard.holds_entries() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found boolean := false;
BEGIN
  IF to_regclass('ct.entry') IS NOT NULL THEN
    EXECUTE 'SELECT EXISTS (SELECT FROM ct.entry)' INTO found;
  END IF;
  RETURN found;
END $$;

-- What a command drops or renames cannot be looked at after it, so the question is asked before.
CREATE OR REPLACE FUNCTION ct_guard.before_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM set_config('ct_guard.holds_entries', ct_guard.holds_entries()::text, true);
END $$;

-- Asked again as well: an expression inside of a command could have overwritten the answer.
CREATE OR REPLACE FUNCTION ct_guard.is_frozen() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN current_setting('ct_guard.holds_entries', true) = 'true' OR ct_guard.holds_entries();
END $$;

CREATE OR REPLACE FUNCTION ct_guard.refuse(what text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'the log holds entries: % is frozen', what USING ERRCODE = 'CT012';
END $$;

CREATE OR REPLACE FUNCTION ct_guard.on_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  dropped record;
BEGIN
  IF NOT ct_guard.is_frozen() THEN RETURN; END IF;
  FOR dropped IN SELECT object_type, object_identity FROM pg_event_trigger_dropped_objects() LOOP
    -- Triggers, constraints, defaults, rules and policies are told as 'name on table', columns as 'table.column'.
    IF dropped.object_identity = ANY (${IDENTITIES})
      OR split_part(dropped.object_identity, ' on ', 2) = ANY (${TABLES})
      OR (dropped.object_type = 'table column'
        AND regexp_replace(dropped.object_identity, '\\.[^.]*$', '') = ANY (${TABLES})) THEN
      PERFORM ct_guard.refuse(dropped.object_identity);
    END IF;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION ct_guard.on_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  frozen oid[];
  command record;
BEGIN
  IF NOT ct_guard.is_frozen() THEN RETURN; END IF;
  SELECT array_agg(to_regclass(name)::oid) INTO frozen FROM unnest(${TABLES}) AS t (name);
  IF array_position(frozen, NULL) IS NOT NULL
    OR EXISTS (SELECT FROM unnest(${FUNCTIONS}) AS f (name) WHERE to_regprocedure(name) IS NULL) THEN
    PERFORM ct_guard.refuse('the name of a table or function');
  END IF;
  FOR command IN SELECT classid, objid, object_identity FROM pg_event_trigger_ddl_commands() LOOP
    IF command.object_identity = ANY (${IDENTITIES})
      OR (command.classid = 'pg_class'::regclass AND command.objid = ANY (frozen))
      OR EXISTS (SELECT FROM pg_trigger t
        WHERE command.classid = 'pg_trigger'::regclass AND t.oid = command.objid AND t.tgrelid = ANY (frozen))
      OR EXISTS (SELECT FROM pg_rewrite r
        WHERE command.classid = 'pg_rewrite'::regclass AND r.oid = command.objid AND r.ev_class = ANY (frozen))
      OR EXISTS (SELECT FROM pg_policy p
        WHERE command.classid = 'pg_policy'::regclass AND p.oid = command.objid AND p.polrelid = ANY (frozen)) THEN
      PERFORM ct_guard.refuse(coalesce(command.object_identity, 'this object'));
    END IF;
  END LOOP;
  IF EXISTS (SELECT FROM pg_inherits WHERE inhparent = ANY (frozen) OR inhrelid = ANY (frozen)) THEN
    PERFORM ct_guard.refuse('inheritance of a table');
  END IF;
  IF EXISTS (
    SELECT FROM pg_class c, aclexplode(c.relacl) a
    WHERE c.oid = ANY (frozen) AND a.grantee <> c.relowner AND a.privilege_type <> 'SELECT'
  ) OR EXISTS (
    SELECT FROM pg_attribute c, aclexplode(c.attacl) a
    WHERE c.attrelid = ANY (frozen) AND a.privilege_type <> 'SELECT'
  ) THEN
    PERFORM ct_guard.refuse('the right to write to a table');
  END IF;
END $$;

DROP EVENT TRIGGER IF EXISTS ct_guard_before_ddl;
DROP EVENT TRIGGER IF EXISTS ct_guard_on_drop;
DROP EVENT TRIGGER IF EXISTS ct_guard_on_ddl;
CREATE EVENT TRIGGER ct_guard_before_ddl ON ddl_command_start EXECUTE FUNCTION ct_guard.before_ddl();
CREATE EVENT TRIGGER ct_guard_on_drop ON sql_drop EXECUTE FUNCTION ct_guard.on_drop();
CREATE EVENT TRIGGER ct_guard_on_ddl ON ddl_command_end EXECUTE FUNCTION ct_guard.on_ddl();
ALTER EVENT TRIGGER ct_guard_before_ddl ENABLE ALWAYS;
ALTER EVENT TRIGGER ct_guard_on_drop ENABLE ALWAYS;
ALTER EVENT TRIGGER ct_guard_on_ddl ENABLE ALWAYS;
`;
