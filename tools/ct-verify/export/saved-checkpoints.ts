import { type Checkpoint, type TileBuilder } from '@libs/tlog';
import { Refuted } from '../verdict';

/** A checkpoint that somebody kept, and the file it came from. */
export interface SavedCheckpoint {
  readonly path: string;
  readonly checkpoint: Checkpoint;
}

/** Holds a growing tree against checkpoints of former times, each when the tree has its size. */
export class SavedCheckpoints {
  private readonly waiting: SavedCheckpoint[];

  /** @throws Refuted when a saved checkpoint is of another log than `current`, or of a larger one */
  constructor(saved: readonly SavedCheckpoint[], current: Checkpoint) {
    for (const { path, checkpoint } of saved) {
      if (checkpoint.origin !== current.origin) throw new Refuted('other_log', `${path} is of another log`);
      if (checkpoint.size > current.size) {
        const sizes = `${current.size} entries and ${path} ${checkpoint.size}`;
        throw new Refuted('log_shrunk', `the export has ${sizes}`);
      }
    }
    this.waiting = saved.toSorted((a, b) => a.checkpoint.size - b.checkpoint.size);
  }

  /** To be called at every size, from 0 on. */
  compare(tree: TileBuilder): void {
    for (let [next] = this.waiting; next?.checkpoint.size === tree.size; [next] = this.waiting) {
      this.waiting.shift();
      if (!next.checkpoint.root.equals(tree.root())) {
        throw new Refuted(
          'consistency_invalid',
          `the first ${tree.size} entries are not those of ${next.path}: the log has been rewritten`,
        );
      }
    }
  }
}
