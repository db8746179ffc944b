import { decodeBase64, decodeDecimal } from './base64';
import { assertHash, assertSize, HASH_SIZE } from './merkle';
import { openNote, parseNote, signNote } from './note';
import { assertKeyName, type NoteSigner, type NoteVerifier } from './note-keys';
import { TlogError } from './tlog-error';

/** A log's statement of its size and root (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Names the log; also the name of the key that signs for it. */
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** Lines after the root, which the standard allows and advises against. */
  readonly extensions?: readonly string[];
}

function malformed(reason: string): TlogError {
  return new TlogError('malformed_checkpoint', reason);
}

/** The text that is signed: origin, size and root, a line each. */
export function printCheckpoint({ origin, size, root, extensions = [] }: Checkpoint): string {
  assertOrigin(origin);
  assertSize(size, 'tree size');
  assertHash(root, 'root');
  if (extensions.some((line) => line === '' || line.includes('\n'))) throw malformed('an extension must be one line');
  return [origin, String(size), root.toString('base64'), ...extensions].map((line) => `${line}\n`).join('');
}

export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith('\n')) throw malformed('a checkpoint must end with a newline');
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n');
  if (origin === undefined || size === undefined || root === undefined) throw malformed('a checkpoint has three lines');
  assertOrigin(origin);
  if (extensions.includes('')) throw malformed('a checkpoint must not hold empty lines');
  const hash = decodeBase64(root, 'malformed_checkpoint', 'the root');
  if (hash.length !== HASH_SIZE) throw malformed('the root must be 32 bytes');
  return {
    origin,
    size: decodeDecimal(size, 'malformed_checkpoint', 'the tree size'),
    root: hash,
    ...(extensions.length > 0 && { extensions }),
  };
}

function assertOrigin(origin: string): void {
  try {
    assertKeyName(origin);
  } catch {
    throw malformed('an origin must be non-empty, without spaces, plus signs and controls');
  }
}

/** The signed note over a checkpoint, by keys of the origin's name. */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): string {
  if (!signers.some(({ name }) => name === checkpoint.origin)) {
    throw new TlogError('invalid_argument', 'a checkpoint must be signed by the key of its origin');
  }
  return signNote(printCheckpoint(checkpoint), signers);
}

/** Checks the signatures of a note, one of which must be by the key of the origin it names, and reads the checkpoint. */
export function openCheckpoint(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): Checkpoint {
  const { text, verified } = openNote(note, verifiers);
  const checkpoint = parseCheckpoint(text);
  if (!verified.some(({ name }) => name === checkpoint.origin)) {
    throw new TlogError('note_unverified', `the checkpoint of ${checkpoint.origin} is not signed by its key`);
  }
  return checkpoint;
}

/** Reads the checkpoint in a note without checking who signed it. */
export function readCheckpointUnverified(note: string | Uint8Array): Checkpoint {
  return parseCheckpoint(parseNote(note).text);
}
