import { type Checkpoint, EMPTY_ROOT, verifyConsistency } from '@libs/tlog';
import { readCheckpointFile } from '../checkpoint-file';
import { type Command, fileAt } from '../command';
import { logFacts } from '../facts';
import { readText } from '../input';
import { parseProofFile } from '../proof-file';
import { CannotTell, Refuted } from '../verdict';

export const consistency: Command = {
  synopsis: 'consistency OLD NEW [--proof FILE]',
  purpose: 'that the log of a newer checkpoint begins with all of that of an older one',
  files: 2,
  options: ['proof'],
  async run({ files, options, verifiers }) {
    const older = await readCheckpointFile(fileAt(files, 0), verifiers);
    const newer = await readCheckpointFile(fileAt(files, 1), verifiers);
    assertComparable(older, newer);
    const proof = await proofBetween(older, newer, options.proof);
    verifyConsistency({ from: older.size, to: newer.size, fromRoot: older.root, toRoot: newer.root, proof });
    return {
      summary: 'The newer log begins with all of the older one',
      facts: [
        { name: 'old_size', label: 'Older size', value: older.size },
        { name: 'added', label: 'Entries added', value: newer.size - older.size },
        ...logFacts(newer),
      ],
    };
  },
};

function assertComparable(older: Checkpoint, newer: Checkpoint): void {
  if (older.origin !== newer.origin) throw new Refuted('other_log', 'the checkpoints are of different logs');
  for (const { size, root } of [older, newer]) {
    if (size === 0 && !root.equals(EMPTY_ROOT)) throw new Refuted('root_differs', 'an empty log has another root');
  }
  if (newer.size < older.size) {
    throw new Refuted('log_shrunk', `the newer log has ${newer.size} entries and the older one ${older.size}`);
  }
  if (older.size === 0) throw new CannotTell('the older log is empty: every log begins like that');
}

async function proofBetween(
  older: Checkpoint,
  newer: Checkpoint,
  path: string | undefined,
): Promise<readonly Buffer[]> {
  if (path === undefined) {
    if (older.size === newer.size) return [];
    const query = `/api/v1/proofs/consistency?from=${older.size}&to=${newer.size}`;
    throw new CannotTell(`a proof is needed: give what the log answers to GET ${query} with --proof`);
  }
  const { from = older.size, to = newer.size, hashes } = parseProofFile(await readText(path));
  if (from !== older.size || to !== newer.size) {
    throw new Refuted('other_sizes', `the proof leads from ${from} to ${to}, not from ${older.size} to ${newer.size}`);
  }
  return hashes;
}
