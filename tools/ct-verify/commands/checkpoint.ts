import { type NoteSignature, openCheckpoint, openNote } from '@libs/tlog';
import { type Command, fileAt } from '../command';
import { logFacts } from '../facts';
import { readInput } from '../input';

export const checkpoint: Command = {
  synopsis: 'checkpoint FILE',
  purpose: 'who signed a checkpoint, and for which size and root',
  files: 1,
  options: [],
  async run({ files, verifiers }) {
    const note = await readInput(fileAt(files, 0));
    const opened = openCheckpoint(note, verifiers);
    const { verified, unknown } = openNote(note, verifiers);
    return {
      summary: 'The checkpoint is signed by the log',
      facts: [
        ...logFacts(opened),
        { name: 'signed_by', label: 'Signed by', value: verified.map(keyText) },
        { name: 'unknown_keys', label: 'Keys not known', value: unknown.map(keyText) },
      ],
    };
  },
};

function keyText({ name, keyId }: NoteSignature): string {
  return `${name}+${keyId}`;
}
