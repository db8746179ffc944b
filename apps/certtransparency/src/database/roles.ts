import { GUARD_SQL } from './guard';

/** Passwords of the roles that log in. */
export interface LogRolePasswords {
  readonly migrator: string;
  readonly writer: string;
  readonly reader: string;
  readonly auditor: string;
}

/** Owns the schema and cannot log in; only migrations become it. */
export const OWNER_ROLE = 'ct_owner';
/** Runs migrations. Has the owner's rights only while it says SET ROLE. */
export const MIGRATOR_ROLE = 'ct_migrator';
/** The service: SELECT, and EXECUTE on what appends. */
export const WRITER_ROLE = 'ct_writer';
/** Reads all but the private contexts. */
export const READER_ROLE = 'ct_reader';
/** Reads all. */
export const AUDITOR_ROLE = 'ct_auditor';

/**
 * SQL that prepares one database for the log: roles, what the database itself grants, and the event triggers. Runs as
 * superuser, connected to that database; running it again changes nothing but the passwords. Everything else is done by
 * migrations.
 */
export function bootstrapRolesSql(options: {
  readonly database: string;
  readonly passwords: LogRolePasswords;
}): string {
  const database = quoteIdentifier(options.database);
  const { migrator, writer, reader, auditor } = options.passwords;
  return `
BEGIN;
-- Roles belong to the whole server: two databases that are prepared at once must not alter one role together.
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
${createRole(OWNER_ROLE, 'NOLOGIN')}
${createRole(MIGRATOR_ROLE, 'LOGIN NOINHERIT', migrator)}
${createRole(WRITER_ROLE, 'LOGIN NOINHERIT', writer)}
${createRole(READER_ROLE, 'LOGIN NOINHERIT', reader)}
${createRole(AUDITOR_ROLE, 'LOGIN NOINHERIT', auditor)}
GRANT ${OWNER_ROLE} TO ${MIGRATOR_ROLE};
REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
GRANT CONNECT ON DATABASE ${database} TO ${MIGRATOR_ROLE}, ${WRITER_ROLE}, ${READER_ROLE}, ${AUDITOR_ROLE};
GRANT CREATE ON DATABASE ${database} TO ${OWNER_ROLE};
REVOKE ALL ON SCHEMA public FROM PUBLIC;
-- The list of migrations that were run lives there; it is the migrator's own.
GRANT USAGE, CREATE ON SCHEMA public TO ${MIGRATOR_ROLE};
${GUARD_SQL}
COMMIT;
`;
}

function createRole(name: string, attributes: string, password?: string): string {
  const options = `${attributes} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS`;
  const secret = password === undefined ? '' : ` PASSWORD ${quoteLiteral(password)}`;
  return `DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${name}') THEN CREATE ROLE ${name}; END IF;
END $$;
ALTER ROLE ${name} WITH ${options}${secret};`;
}

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An escape string, whose meaning does not depend on the server's settings. */
function quoteLiteral(text: string): string {
  if (text.includes('\0')) throw new Error('a password must not hold a NUL character');
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
