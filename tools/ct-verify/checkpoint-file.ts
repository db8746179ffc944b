import { type Checkpoint, type NoteVerifier, openCheckpoint, TlogError } from '@libs/tlog';
import { readInput } from './input';
import { Refuted } from './verdict';

/**
 * A checkpoint that a known key signed.
 * @throws CannotTell when the file cannot be read, Refuted with the file's name otherwise
 */
export async function readCheckpointFile(path: string, verifiers: readonly NoteVerifier[]): Promise<Checkpoint> {
  const note = await readInput(path);
  try {
    return openCheckpoint(note, verifiers);
  } catch (error) {
    if (error instanceof TlogError) throw new Refuted(error.code, `${path}: ${error.message}`);
    throw error;
  }
}
