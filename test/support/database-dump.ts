import { readFileSync } from 'node:fs';
import { Client } from 'pg';

/** Every table of a PostgreSQL database, every row as text. The URL is a superuser's, from whom nothing is hidden. */
export async function dumpPostgres(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`,
    );
    if (tables.length === 0) throw new Error('the database has no tables');
    const dumps: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`);
      // A bytea shows as hex: its text besides.
      dumps.push(`${name}\n${rows.map(({ row }) => row + decodedHex(row)).join('\n')}`);
    }
    return dumps.join('\n');
  } finally {
    await client.end();
  }
}

function decodedHex(row: string): string {
  const values = row.match(/\\x(?:[0-9a-f]{2})+/g) ?? [];
  return values
    .map((value) => ` ${Buffer.from(value.slice(2).replaceAll('\\', ''), 'hex').toString('latin1')}`)
    .join('');
}

/** The bytes of an SQLite database with its journal: every row, and what deleted ones left behind. */
export function dumpSqlite(path: string): string {
  return ['', '-wal', '-journal'].map((suffix) => readIfThere(`${path}${suffix}`)).join('\n');
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
