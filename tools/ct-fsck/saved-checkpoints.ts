import type { Checkpoint, Frontier } from '@libs/tlog';
import type { Findings } from './findings';

/** A checkpoint that was kept outside of the database, and the file it came from. Its signature has been verified. */
export interface SavedCheckpoint {
  readonly path: string;
  readonly checkpoint: Checkpoint;
}

/** The log must extend every checkpoint that it once showed: the tree of that size must have that root. */
export class SavedCheckpoints {
  private readonly waiting: SavedCheckpoint[];

  constructor(
    saved: readonly SavedCheckpoint[],
    private readonly findings: Findings,
  ) {
    this.waiting = saved.toSorted((a, b) => a.checkpoint.size - b.checkpoint.size);
  }

  /** To be called at every size, from 0 on. */
  compare(frontier: Frontier): void {
    for (let [next] = this.waiting; next?.checkpoint.size === frontier.size; [next] = this.waiting) {
      this.waiting.shift();
      if (next.checkpoint.root.equals(frontier.root())) continue;
      const detail = `the first ${frontier.size} entries are not those of this checkpoint: the log has been rewritten`;
      this.findings.add({ table: next.path, index: frontier.size, code: 'log_rewritten', detail });
    }
  }

  finish(size: number): void {
    for (const { path, checkpoint } of this.waiting) {
      const detail = `this checkpoint covers ${checkpoint.size} entries and the log has ${size}: its end has been cut off`;
      this.findings.add({ table: path, index: checkpoint.size, code: 'log_shrunk', detail });
    }
  }
}
