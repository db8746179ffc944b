import { AUDITOR_ROLE, MIGRATOR_ROLE, OWNER_ROLE, READER_ROLE, WRITER_ROLE } from '../roles';

const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');

const LOGINS = [WRITER_ROLE, READER_ROLE, AUDITOR_ROLE];
/** The functions by which the service writes, and only it. */
const WRITER_FUNCTIONS = [
  'ct.append_entries(bytea[],bytea[],text[],bigint,bytea,text)',
  'ct.erase_contexts(uuid,bigint[],text,text,bytea)',
  'ct_crl.allocate(bytea)',
];

/** Everything in the log's schemas, with its owner and who was granted what; grantee 0 is PUBLIC. */
const OBJECTS = `
space AS (
  SELECT oid, nspname::text AS name, nspowner AS owner, coalesce(nspacl, acldefault('n', nspowner)) AS acl
  FROM pg_namespace WHERE nspname IN ('ct', 'ct_crl')
), relation AS (
  SELECT c.oid, format('%s.%s', s.name, c.relname) AS name, c.relowner AS owner, c.relkind AS kind,
    coalesce(c.relacl, acldefault('r', c.relowner)) AS acl, c.relrowsecurity AS policed, c.relpersistence AS persistence
  FROM pg_class c JOIN space s ON s.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
), routine AS (
  SELECT p.oid, p.oid::regprocedure::text AS name, p.proowner AS owner, p.prosecdef AS definer,
    coalesce(p.proacl, acldefault('f', p.proowner)) AS acl
  FROM pg_proc p JOIN space s ON s.oid = p.pronamespace
), granted AS (
  SELECT 'schema ' || name AS object, name, owner, (aclexplode(acl)).* FROM space
  UNION ALL SELECT 'table ' || name, name, owner, (aclexplode(acl)).* FROM relation
  UNION ALL SELECT 'function ' || name, name, owner, (aclexplode(acl)).* FROM routine WHERE definer
  UNION ALL SELECT format('column %s.%s', r.name, a.attname), r.name, r.owner, (aclexplode(a.attacl)).*
    FROM pg_attribute a JOIN relation r ON r.oid = a.attrelid WHERE a.attacl IS NOT NULL
)`;

/** What anybody could do to the log beyond what migrations granted: one sentence each. */
export const EXCESSES = `
WITH ${OBJECTS}
SELECT 'privilege' AS kind,
  format('%s may %s %s', CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END, g.privilege_type, g.object)
    AS sentence
FROM granted g
WHERE g.grantee <> g.owner AND NOT (
  g.object LIKE 'schema %' AND g.privilege_type = 'USAGE' AND pg_get_userbyid(g.grantee) IN (${list(LOGINS)})
  OR g.object LIKE 'table %' AND g.privilege_type = 'SELECT' AND pg_get_userbyid(g.grantee) IN (${list(LOGINS)})
    AND NOT (g.name = 'ct.private_context' AND pg_get_userbyid(g.grantee) = '${READER_ROLE}')
  OR g.object LIKE 'function %' AND g.name IN (${list(WRITER_FUNCTIONS)}) AND pg_get_userbyid(g.grantee) = '${WRITER_ROLE}'
)
UNION ALL
SELECT 'ownership', format('%s is owned by %s', object, pg_get_userbyid(owner)) FROM (
  SELECT 'schema ' || name, owner FROM space
  UNION ALL SELECT 'relation ' || name, owner FROM relation
  UNION ALL SELECT 'function ' || name, owner FROM routine
) AS o (object, owner) WHERE pg_get_userbyid(owner) <> '${OWNER_ROLE}'
UNION ALL
SELECT 'membership', format('%s is a member of %s', pg_get_userbyid(m.member), pg_get_userbyid(m.roleid))
FROM pg_auth_members m
WHERE (
    pg_get_userbyid(m.roleid) IN (${list([OWNER_ROLE, MIGRATOR_ROLE, WRITER_ROLE])}, 'pg_write_all_data')
    OR pg_get_userbyid(m.member) IN (${list([OWNER_ROLE, MIGRATOR_ROLE, ...LOGINS])})
  )
  AND NOT (pg_get_userbyid(m.roleid) = '${OWNER_ROLE}' AND pg_get_userbyid(m.member) = '${MIGRATOR_ROLE}')
  -- From version 16 on, whoever creates a role administers it, without being able to act as it.
  AND (to_jsonb(m) ->> 'set_option' IS DISTINCT FROM 'false' OR to_jsonb(m) ->> 'inherit_option' IS DISTINCT FROM 'false')
UNION ALL
SELECT 'attribute', format('%s may %s', r.rolname, what)
FROM pg_roles r CROSS JOIN LATERAL (VALUES
  (r.rolsuper, 'do everything (SUPERUSER)'), (r.rolcreaterole, 'create roles'), (r.rolcreatedb, 'create databases'),
  (r.rolreplication, 'replicate'), (r.rolbypassrls, 'bypass row security'),
  (r.rolcanlogin AND r.rolname = '${OWNER_ROLE}', 'log in')
) AS a (has, what)
WHERE has AND (r.rolname IN (${list([OWNER_ROLE, MIGRATOR_ROLE, ...LOGINS])}) OR r.rolname = current_user)
UNION ALL
SELECT 'runtime role', format('the service is connected as %s', current_user) WHERE current_user <> '${WRITER_ROLE}'
UNION ALL
SELECT 'detour', format('%s on %s', what, name) FROM (
  SELECT 'rule ' || w.rulename, r.name FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class WHERE r.kind IN ('r', 'p')
  UNION ALL SELECT 'policy ' || p.polname, r.name FROM pg_policy p JOIN relation r ON r.oid = p.polrelid
  UNION ALL SELECT 'row security', name FROM relation WHERE policed
  UNION ALL SELECT 'inheritance', r.name FROM pg_inherits i JOIN relation r ON r.oid IN (i.inhparent, i.inhrelid)
    WHERE r.kind IN ('r', 'p')
  UNION ALL SELECT 'no write-ahead log', name FROM relation WHERE persistence <> 'p'
  UNION ALL SELECT 'disabled foreign key', r.name FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid
    WHERE t.tgisinternal AND t.tgenabled NOT IN ('O', 'A')
) AS d (what, name)
UNION ALL
SELECT 'privilege', format('%s is granted what %s will create', CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END,
  '${OWNER_ROLE}')
FROM pg_default_acl d CROSS JOIN LATERAL aclexplode(d.defaclacl) a
WHERE pg_get_userbyid(d.defaclrole) = '${OWNER_ROLE}' AND a.grantee <> d.defaclrole`;
