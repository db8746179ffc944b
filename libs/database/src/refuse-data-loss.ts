import type { QueryRunner } from 'typeorm';

/** A migration's `down` would have destroyed rows, or what stands in some of their columns: it did nothing. */
export class DataLossRefused extends Error {
  constructor(readonly table: string) {
    super(`Going down would destroy the rows of "${table}". Export and delete them first if that is what you want.`);
    this.name = 'DataLossRefused';
  }
}

/**
 * To be called first in `down`. On PostgreSQL the tables are locked, so that no row appears between the look and the drop.
 * @throws DataLossRefused when one of the tables holds a row
 */
export async function refuseDataLoss(queryRunner: QueryRunner, ...tables: readonly string[]): Promise<void> {
  for (const table of tables) await refuseLossOf(queryRunner, table, '1 = 1');
}

/**
 * The same for a `down` that drops columns.
 *
 * @param condition SQL that holds for a row which would lose something
 * @throws DataLossRefused when it holds for any
 */
export async function refuseLossOf(queryRunner: QueryRunner, table: string, condition: string): Promise<void> {
  const name = table.split('.').map(quoted).join('.');
  if (queryRunner.connection.options.type === 'postgres') {
    await queryRunner.query(`LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE`);
  }
  const rows = await queryRunner.manager.query<unknown[]>(`SELECT 1 FROM ${name} WHERE ${condition} LIMIT 1`);
  if (rows.length > 0) throw new DataLossRefused(table);
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
