import { type Checkpoint, openCheckpoint, type NoteVerifier, readCheckpointUnverified, TlogError } from '@libs/tlog';
import { StartError } from '@libs/http';
import { LogUnavailable } from '../database/log-unavailable';
import { ForeignCheckpoint, LogBehindAnchor, LogContradictsAnchor } from './audit.errors';
import { AnchorFile } from './anchor-file';

/** A checkpoint that the database has committed. */
export interface Committed {
  readonly size: number;
  readonly note: string;
}

export interface Anchored extends Committed {
  readonly root: Buffer;
}

/**
 * The newest checkpoint that may have been shown to anybody, kept outside of the database. It is written after the
 * database has committed and before anything of the batch is shown, so that it never runs ahead of a database that has lost
 * nothing, and never falls behind what somebody may hold against us. A database without it has been restored or cut: it
 * gets no signature any more.
 */
export class Anchor {
  /** The newest checkpoint that was seen committed; the file follows. */
  private latest: Anchored | undefined;
  /** What the file is known to state, or something newer. */
  private written = 0;
  private writing: Promise<void> | undefined;
  private contradicted = false;
  private readonly file: AnchorFile | undefined;

  /**
   * @param path undefined to remember for the life of the process only
   * @throws StartError when the file is there and is not a checkpoint of this log
   */
  constructor(
    path: string | undefined,
    private readonly verifiers: readonly NoteVerifier[],
  ) {
    this.file = path === undefined ? undefined : new AnchorFile(path);
    try {
      const note = this.file?.read();
      if (note !== undefined) this.adopt(note);
    } catch (error) {
      if (!(error instanceof ForeignCheckpoint)) throw error;
      throw new StartError(
        'CT_ANCHOR_FILE holds no checkpoint by a key of this log: put the right file there, name its key in CT_FORMER_VERIFIER_KEYS, or, if it is of another log, take it away.',
      );
    }
    this.written = this.size;
  }

  private get size(): number {
    return this.latest?.size ?? 0;
  }

  /** What the database must have; undefined while nothing has been shown. To be taken before the database is asked. */
  get checkpoint(): Anchored | undefined {
    return this.latest;
  }

  /**
   * To be asked before anything is signed, and before a checkpoint that the database has is shown.
   * @param anchored what `checkpoint` was before the database was asked
   * @param rootThere root of the database's checkpoint of the anchor's size, null when it has none
   * @throws LogBehindAnchor, LogContradictsAnchor
   */
  assertExtended(anchored: Anchored | undefined, databaseSize: number, rootThere: Buffer | null): void {
    if (anchored === undefined) return;
    if (databaseSize < anchored.size) throw new LogBehindAnchor(databaseSize, anchored.size);
    if (this.contradicted || !rootThere?.equals(anchored.root)) {
      throw new LogContradictsAnchor(anchored.size);
    }
  }

  /** The database's tree was looked at and does not begin with the anchor's: nothing is signed until somebody has looked. */
  contradict(): void {
    this.contradicted = true;
  }

  /**
   * Resolves once a checkpoint of our own making, or a newer one, stands in the file: only then may it be shown.
   * @throws LogUnavailable when the file cannot be written; the next release tries again
   */
  async release(checkpoint: Committed): Promise<void> {
    if (checkpoint.size > this.size) {
      this.latest = { ...checkpoint, root: readCheckpointUnverified(checkpoint.note).root };
    }
    while (this.written < checkpoint.size) {
      this.writing ??= this.write().finally(() => (this.writing = undefined));
      await this.writing;
    }
  }

  /**
   * The same for a checkpoint that was found in the database.
   * @throws ForeignCheckpoint when no key of ours has signed it; LogUnavailable
   */
  async show(checkpoint: Committed): Promise<void> {
    if (checkpoint.size > this.size) this.verify(checkpoint.note);
    await this.release(checkpoint);
  }

  /** @throws LogUnavailable when what should stand in the file could not be written last time, nor can it now */
  async assertWritten(): Promise<void> {
    if (this.latest && this.writing === undefined) await this.release(this.latest);
  }

  private async write(): Promise<void> {
    const { latest } = this;
    if (latest === undefined) return;
    try {
      const newer = await this.file?.write(latest.note, (other) => this.sizeOf(other) >= latest.size);
      // Another replica's: our database must have it as well from now on.
      if (newer !== undefined) this.adopt(newer);
    } catch (error) {
      throw new LogUnavailable(error);
    }
    this.written = Math.max(this.written, latest.size);
  }

  private adopt(note: string): void {
    const { size, root } = this.verify(note);
    if (size > this.size) this.latest = { size, root, note };
  }

  /** Of a note that somebody else wrote; one that is not ours counts as nothing. */
  private sizeOf(note: string): number {
    try {
      return this.verify(note).size;
    } catch {
      return 0;
    }
  }

  private verify(note: string): Checkpoint {
    try {
      return openCheckpoint(note, this.verifiers);
    } catch (error) {
      throw error instanceof TlogError ? new ForeignCheckpoint(error) : error;
    }
  }
}
