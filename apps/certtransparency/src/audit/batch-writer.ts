import { Injectable } from '@nestjs/common';
import { Clock } from '@libs/http';
import { CheckpointSigner } from '../log-key';
import { Anchor } from './anchor';
import { type BulkRevocation, assertAsConfirmed, bulkQuestion } from './bulk-decision';
import type { Draft } from './draft';
import { Fold } from './fold';
import { RevocationFold } from './revocation-fold';
import { type Batch, WriteGate } from './write-gate';

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
   * Revokes all that a criterion finds on top of the log as it is: all or none.
   * @throws as `write`; BulkTooLarge, RevocationSetChanged
   */
  async revokeMany(bulk: BulkRevocation): Promise<RevocationFold> {
    await this.anchor.assertWritten();
    const anchored = this.anchor.checkpoint;
    const by = { signer: this.signer, now: this.clock.now() };
    return this.gate.commit(bulkQuestion(bulk, anchored?.size ?? 0, by.now), async (found) => {
      this.anchor.assertExtended(anchored, found.head.size, found.anchoredRoot);
      assertAsConfirmed(bulk, found.targets);
      return RevocationFold.of(found.head, found.targets, bulk.order, by);
    });
  }

  /**
   * Anchors a batch that was committed.
   * @throws LogUnavailable when the anchor cannot be written: nothing of the batch may be shown
   */
  async release(batch: Batch): Promise<void> {
    if (batch.entries.length === 0) return;
    await this.anchor.release({ size: batch.size, note: batch.checkpoint });
  }
}
