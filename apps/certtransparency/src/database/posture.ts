import { StartError } from '@libs/http';
import type { LogDatabase } from './log-database';

interface PostureRow extends Record<string, unknown> {
  readonly superuser: boolean;
  readonly owner: boolean;
  readonly writable: string | null;
}

/** What the runtime role could do besides calling the write gate. */
const POSTURE = `
  SELECT r.rolsuper AS superuser,
    EXISTS (
      SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN ('ct', 'ct_crl') AND pg_has_role(r.oid, c.relowner, 'MEMBER')
    ) AS owner,
    (
      SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ' ORDER BY c.relname)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN ('ct', 'ct_crl') AND c.relkind IN ('r', 'p')
        AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
    ) AS writable
  FROM pg_roles r WHERE r.rolname = current_user`;

/** Excess rights of the runtime role, a sentence each; empty when it can do nothing but read and call the write gate. */
export async function excessRights(database: LogDatabase): Promise<readonly string[]> {
  const row = await database.row<PostureRow>(POSTURE);
  if (row === undefined) return ['the runtime role is not known to the database'];
  return [
    ...(row.superuser ? ['the runtime role is a superuser'] : []),
    ...(row.owner ? ['the runtime role owns the tables of the log, or may become their owner'] : []),
    ...(row.writable === null ? [] : [`the runtime role may write to ${row.writable}`]),
  ];
}

/**
 * An append-only log whose service could rewrite it is none.
 * @throws StartError naming every excess right
 */
export async function refuseExcessRights(database: LogDatabase): Promise<void> {
  const rights = await excessRights(database);
  if (rights.length > 0) {
    throw new StartError(`CT_DATABASE_URL must name the role ct_writer: ${rights.join('; ')}.`);
  }
}
