import { Injectable } from '@nestjs/common';
import { Clock } from '@libs/http';
import { CheckpointSigner } from '../log-key';
import { Anchor } from './anchor';
import type { Draft } from './draft';
import { Fold } from './fold';
import { WriteGate } from './write-gate';

/** Makes entries of drafts, a batch at a time: durable after `write`, to be shown after `release`. */
@Injectable()
export class BatchWriter {
  constructor(
    private readonly gate: WriteGate,
    private readonly clock: Clock,
    private readonly anchor: Anchor,
    private readonly signer: CheckpointSigner,
  ) {}

  /** Size of the log as far as it has been shown. */
  get shownSize(): number {
    return this.anchor.checkpoint?.size ?? 0;
  }

  /**
   * Decides about each draft on top of the log as it is and commits what is new.
   * @throws LogBehindAnchor, LogContradictsAnchor when the log is not one to be signed; LogUnavailable when the anchor
   * cannot be written; AmbiguousCommit; whatever the write gate refuses with
   */
  async write(drafts: readonly Draft[]): Promise<Fold> {
    await this.anchor.assertWritten();
    const anchored = this.anchor.checkpoint;
    return this.gate.write(drafts, anchored?.size ?? 0, ({ head, knowledge, anchoredRoot }) => {
      this.anchor.assertExtended(anchored, head.size, anchoredRoot);
      const fold = new Fold(head, this.signer, this.clock.now());
      drafts.forEach((draft, i) => {
        const known = knowledge[i];
        if (known !== undefined) fold.add(draft, known);
      });
      return fold;
    });
  }

  /**
   * Anchors a batch that was committed.
   * @throws LogUnavailable when the anchor cannot be written: nothing of the batch may be shown
   */
  async release(batch: Fold): Promise<void> {
    if (batch.entries.length === 0) return;
    await this.anchor.release({ size: batch.size, note: batch.checkpoint });
  }
}
