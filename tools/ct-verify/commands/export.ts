import { openCheckpoint } from '@libs/tlog';
import { readCheckpointFile } from '../checkpoint-file';
import { type Command, fileAt } from '../command';
import { ExportAudit } from '../export/export-audit';
import { ExportFolder } from '../export/export-folder';
import { type SavedCheckpoint, SavedCheckpoints } from '../export/saved-checkpoints';
import { logFacts, timeText } from '../facts';

export const exported: Command = {
  synopsis: 'export DIR [--checkpoint OLD]…',
  purpose: 'everything in a folder of tiles, and that it extends checkpoints which were kept',
  files: 1,
  options: ['checkpoint'],
  async run({ files, options, verifiers, onProgress }) {
    const folder = new ExportFolder(fileAt(files, 0));
    const checkpoint = openCheckpoint(await folder.checkpoint(), verifiers);
    const saved: SavedCheckpoint[] = [];
    for (const path of options.checkpoint ?? []) {
      saved.push({ path, checkpoint: await readCheckpointFile(path, verifiers) });
    }
    const audit = new ExportAudit(folder, checkpoint, new SavedCheckpoints(saved, checkpoint));
    const { counts, lastLoggedAt } = await audit.run(onProgress);
    const lastTime =
      checkpoint.size === 0 ? [] : [{ name: 'last_logged_at', label: 'Last entry', value: timeText(lastLoggedAt) }];
    return {
      summary: 'Every entry, tile and hash of the export is as the log signed it',
      facts: [
        ...logFacts(checkpoint),
        ...lastTime,
        { name: 'issued', label: 'Issued', value: counts.issued },
        { name: 'revoked', label: 'Revoked', value: counts.revoked },
        { name: 'crls', label: 'CRLs', value: counts.crl },
        { name: 'key_rotations', label: 'Key rotations', value: counts.key_rotation },
        {
          name: 'extends',
          label: 'Extends',
          value: saved.map(({ path, checkpoint: { size } }) => `${path} (${size} entries)`),
        },
        { name: 'files_not_read', label: 'Files not read', value: await folder.countFilesNotRead() },
      ],
    };
  },
};
