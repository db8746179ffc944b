import {
  type Checkpoint,
  type NoteVerifier,
  openCheckpoint,
  readCheckpointUnverified,
  TlogError,
  verifyConsistency,
} from '@libs/tlog';
import { alarming } from './alarm';
import type { LogSource } from './log-source';
import type { MonitorState } from './monitor-state';
import type { StateFile } from './state-file';

/** A checkpoint that extends the one that was kept. */
export interface GoodCheckpoint {
  readonly note: string;
  readonly checkpoint: Checkpoint;
}

/** Takes the log by its word: whatever it has signed once, everything that it signs later must extend. */
export class CheckpointWatch {
  constructor(
    private readonly source: LogSource,
    private readonly verifiers: readonly NoteVerifier[],
    private readonly file: StateFile,
  ) {}

  /**
   * The present checkpoint.
   * @throws Alarming when its signature is not the log's, or when it does not extend the one that was kept: then both stay
   * as evidence
   */
  async next(state: MonitorState): Promise<GoodCheckpoint> {
    const note = await this.source.checkpoint();
    const checkpoint = this.open(note);
    if (state.checkpoint !== undefined) await this.compare(state.checkpoint, note, checkpoint);
    return { note, checkpoint };
  }

  private open(note: string): Checkpoint {
    try {
      return openCheckpoint(note, this.verifiers);
    } catch (error) {
      if (error instanceof TlogError)
        throw alarming('checkpoint_invalid', `the checkpoint is not good: ${error.message}`);
      throw error;
    }
  }

  private async compare(keptNote: string, note: string, { origin, size, root }: Checkpoint): Promise<void> {
    const kept = readCheckpointUnverified(keptNote);
    if (origin !== kept.origin) {
      throw alarming('checkpoint_invalid', `the checkpoint is of ${origin}, and was of ${kept.origin} before`);
    }
    if (size < kept.size) {
      const evidence = await this.file.keepEvidence(keptNote, note);
      throw alarming(
        'log_shrunk',
        `the log had ${kept.size} entries and has ${size}; both checkpoints are in ${evidence}`,
      );
    }
    try {
      const proof = size === kept.size || kept.size === 0 ? [] : await this.source.consistency(kept.size, size);
      if (kept.size > 0) verifyConsistency({ from: kept.size, to: size, fromRoot: kept.root, toRoot: root, proof });
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      const evidence = await this.file.keepEvidence(keptNote, note);
      throw alarming(
        'log_forked',
        `the log of ${size} entries does not extend the one of ${kept.size} (${error.message}); both checkpoints are in ${evidence}`,
      );
    }
  }
}
