import type { Tampering } from '../tamper-fixture';

export interface Harm {
  readonly name: string;
  /** Statements, or whatever else a superuser can think of. */
  readonly how: string | ((tampering: Tampering) => Promise<unknown>);
  /** Everything that fsck finds without help, as `table code`. */
  readonly finds: readonly string[];
  /** What it finds besides with a checkpoint that was kept. */
  readonly kept?: 'log_rewritten' | 'log_shrunk';
  /** Brings back the definitions that had to give way; rows are restored by themselves. */
  readonly undo?: string;
}

/** Roots and frontiers from the changed entry on, the tile that it lies in, and what the notes state. */
export const ANOTHER_TREE = [
  'ct.checkpoint frontier_differs',
  'ct.checkpoint note_differs',
  'ct.checkpoint root_differs',
];
export const ANOTHER_TILE = [...ANOTHER_TREE, 'ct.tile row_differs'];

/** Whose rows are about an entry, the entries themselves included. */
export const TABLES = ['entry', 'identity', 'certificate', 'revocation', 'private_context', 'erasure'];
export const EVERYTHING = [...TABLES, 'tile', 'checkpoint'].map((table) => `ct.${table}`).join(', ');

/** With one bit of one byte changed. */
export const flipped = (column: string, at: number | string) =>
  `set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1)`;

export const deleteFrom = (condition: string, tables: readonly string[] = TABLES) =>
  [...tables]
    .reverse()
    .map((table) => `DELETE FROM ct.${table} WHERE ${condition}`)
    .join(';');
