import {
  type BuiltTile,
  type Checkpoint,
  decodeLeaf,
  HASH_SIZE,
  leafHash,
  printTilePath,
  TileBuilder,
  TILE_WIDTH,
  tileWidth,
  TlogError,
} from '@libs/tlog';
import { Refuted } from '../verdict';
import { EntryRules } from './entry-rules';
import type { ExportFolder } from './export-folder';
import type { SavedCheckpoints } from './saved-checkpoints';

/** Bundles between two words about progress. */
const PROGRESS_STEP = 40;

/**
 * Reads an exported log from its first entry to its last and makes everything anew: hashes, tiles, root, and what the
 * entries owe each other. One bundle at a time, so that the log's size does not matter.
 */
export class ExportAudit {
  private readonly tree = new TileBuilder();
  private readonly rules: EntryRules;

  constructor(
    private readonly folder: ExportFolder,
    private readonly checkpoint: Checkpoint,
    private readonly saved: SavedCheckpoints,
  ) {
    this.rules = new EntryRules(checkpoint.origin);
  }

  /** @throws Refuted at the first fault */
  async run(onProgress: (text: string) => void): Promise<Pick<EntryRules, 'counts' | 'lastLoggedAt'>> {
    const { size, root } = this.checkpoint;
    this.saved.compare(this.tree);
    for (let n = 0; n * TILE_WIDTH < size; n += 1) {
      for (const tile of this.append(await this.folder.bundle(n, tileWidth(0, n, size)))) await this.compare(tile);
      if (n % PROGRESS_STEP === 0) onProgress(`${this.tree.size} of ${size} entries`);
    }
    for (const tile of this.tree.partialTiles()) await this.compare(tile);
    if (!this.tree.root().equals(root)) {
      throw new Refuted('root_differs', 'the entries lead to another root than the one that the log signed');
    }
    return this.rules;
  }

  /** Answers the tiles that the leaves fill. */
  private append(leaves: readonly Buffer[]): BuiltTile[] {
    return leaves.flatMap((leaf) => {
      const index = this.tree.size;
      this.checkEntry(index, leaf);
      const filled = this.tree.append(leafHash(leaf));
      this.saved.compare(this.tree);
      return filled;
    });
  }

  private checkEntry(index: number, leaf: Buffer): void {
    try {
      this.rules.check(index, decodeLeaf(leaf));
    } catch (error) {
      if (!(error instanceof Refuted || error instanceof TlogError)) throw error;
      throw new Refuted(error.code, `entry ${index}: ${error.message}`);
    }
  }

  private async compare({ tile, hashes }: BuiltTile): Promise<void> {
    const stored = await this.folder.tile(tile);
    if (stored.equals(hashes)) return;
    const position = stored.findIndex((byte, at) => byte !== hashes[at]);
    const hash = Math.floor(position / HASH_SIZE);
    throw new Refuted('tile_differs', `${printTilePath(tile)}: hash ${hash} is not the one of the entries beneath it`);
  }
}
