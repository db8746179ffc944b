import { ANOTHER_TREE, flipped, type Harm } from './harm';

export const HARMS_TO_THE_TREE: readonly Harm[] = [
  {
    name: 'change a hash in a tile',
    how: `UPDATE ct.tile SET hashes = ${flipped('hashes', 77)}`,
    finds: ['ct.tile row_differs'],
  },
  {
    name: "change a tile's root",
    how: `UPDATE ct.tile SET root = ${flipped('root', 3)}`,
    finds: ['ct.tile row_differs'],
  },
  { name: 'delete a tile', how: 'DELETE FROM ct.tile', finds: ['ct.tile row_missing'] },
  {
    name: 'add a tile that is not full yet',
    how: 'INSERT INTO ct.tile SELECT level, 1, hashes, root FROM ct.tile',
    finds: ['ct.tile row_unfounded'],
  },
  {
    name: 'add a tile of a level that is not there yet',
    how: 'INSERT INTO ct.tile SELECT 1, n, hashes, root FROM ct.tile',
    finds: ['ct.tile row_unfounded'],
  },
  {
    name: 'swap two notes',
    how: 'UPDATE ct.checkpoint c SET note = o.note FROM ct.checkpoint o WHERE c.size + o.size = 24 AND c.size IN (8, 16)',
    finds: ['ct.checkpoint note_differs'],
  },
  {
    name: 'change a signature',
    how: "UPDATE ct.checkpoint SET note = regexp_replace(note, '(.{20}).(.{9})$', '\\1A\\2') WHERE size = 16",
    finds: ['ct.checkpoint note_signature_invalid', 'ct.checkpoint note_unverified'],
  },
  {
    name: 'put a note of another log in the place of one',
    how: "UPDATE ct.checkpoint SET note = replace(note, 'log.test/tamper', 'log.test/other') WHERE size = 16",
    finds: ['ct.checkpoint note_unverified', 'ct.checkpoint origin_differs'],
  },
  {
    name: 'make a note unreadable',
    how: "UPDATE ct.checkpoint SET note = 'log' WHERE size = 16",
    finds: ['ct.checkpoint malformed_note'],
  },
  {
    name: 'change a root',
    how: `UPDATE ct.checkpoint SET root = ${flipped('root', 3)} WHERE size = 16`,
    finds: ['ct.checkpoint root_differs'],
  },
  {
    name: 'change a frontier',
    how: `UPDATE ct.checkpoint SET frontier = ${flipped('frontier', 3)} WHERE size = 24`,
    finds: ['ct.checkpoint frontier_differs'],
  },
  {
    name: 'delete the last checkpoint',
    how: 'DELETE FROM ct.checkpoint WHERE size = (SELECT max(size) FROM ct.checkpoint)',
    finds: ['ct.checkpoint checkpoint_missing'],
  },
  {
    name: 'give a checkpoint another size',
    how: 'UPDATE ct.checkpoint SET size = 17 WHERE size = 16',
    finds: ANOTHER_TREE,
  },
  {
    name: 'add a checkpoint of a size that has one',
    how: 'ALTER TABLE ct.checkpoint DROP CONSTRAINT checkpoint_pkey; INSERT INTO ct.checkpoint SELECT * FROM ct.checkpoint WHERE size = 16',
    finds: ['ct.checkpoint checkpoint_size'],
    undo: 'ALTER TABLE ct.checkpoint ADD CONSTRAINT checkpoint_pkey PRIMARY KEY (size)',
  },
  {
    name: 'add a checkpoint of a log that is larger',
    how: 'INSERT INTO ct.checkpoint SELECT 5000, root, note, frontier FROM ct.checkpoint WHERE size = 16',
    finds: ['ct.checkpoint log_shrunk'],
  },
];
