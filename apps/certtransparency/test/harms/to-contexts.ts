import { flipped, type Harm } from './harm';

export const HARMS_TO_CONTEXTS: readonly Harm[] = [
  {
    name: 'change a private context',
    how: `UPDATE ct.private_context SET context = replace(context, 'psk-3', 'psk-9') WHERE idx = 3`,
    finds: ['ct.private_context commitment_differs'],
  },
  {
    name: 'spell a private context in another way',
    how: `UPDATE ct.private_context SET context = replace(context, ',', ', ') WHERE idx = 3`,
    finds: ['ct.private_context commitment_differs'],
  },
  {
    name: 'change a salt',
    how: `UPDATE ct.private_context SET salt = ${flipped('salt', 9)} WHERE idx = 3`,
    finds: ['ct.private_context commitment_differs'],
  },
  {
    name: 'change what is searched of a private context',
    how: `ALTER TABLE ct.private_context ALTER COLUMN psk_id DROP EXPRESSION; UPDATE ct.private_context SET psk_id = 'psk-9' WHERE idx = 3`,
    undo: `ALTER TABLE ct.private_context DROP COLUMN psk_id;
      ALTER TABLE ct.private_context ADD COLUMN psk_id text GENERATED ALWAYS AS (context::jsonb ->> 'psk_id') STORED`,
    finds: ['ct.private_context row_differs'],
  },
  {
    name: 'call it the context of another kind of entry',
    how: 'UPDATE ct.private_context SET entry_type = 2 WHERE idx = 3',
    finds: ['ct.private_context row_differs'],
  },
  {
    name: 'delete a private context without a record',
    how: 'DELETE FROM ct.private_context WHERE idx = 3',
    finds: ['ct.private_context context_missing'],
  },
  {
    name: 'delete the record of an erasure',
    how: 'DELETE FROM ct.erasure',
    finds: ['ct.private_context context_missing'],
  },
  {
    name: 'record an erasure that was none',
    how: 'INSERT INTO ct.erasure SELECT 3, request, reason, actor_commitment FROM ct.erasure',
    finds: ['ct.private_context context_erased'],
  },
  {
    name: 'record an erasure of what was never there',
    how: 'INSERT INTO ct.erasure SELECT 266, request, reason, actor_commitment FROM ct.erasure',
    finds: ['ct.erasure row_unfounded'],
  },
  {
    name: 'give a context to an entry that has none',
    how: "INSERT INTO ct.private_context (idx, entry_type, salt, context) SELECT 266, 3, salt, '{}' FROM ct.private_context WHERE idx = 3",
    finds: ['ct.private_context commitment_differs'],
  },
  {
    name: 'add a context behind the end',
    how: "INSERT INTO ct.private_context (idx, entry_type, salt, context) SELECT 5000, 3, salt, '{}' FROM ct.private_context WHERE idx = 3",
    finds: ['ct.private_context row_unfounded'],
  },
];
