import { Injectable, Logger } from '@nestjs/common';
import { Readiness, StartError } from '@libs/http';
import { readCheckpointUnverified, TlogError, verifyConsistency } from '@libs/tlog';
import { Proofs } from '../proofs/proofs.service';
import { Anchor, type Anchored } from './anchor';
import { ForeignCheckpoint, LogBehindAnchor, LogContradictsAnchor } from './audit.errors';

const FOREIGN =
  "The log's last checkpoint is not signed by CT_CHECKPOINT_KEY: use the key of this log, or name the key that signed it in CT_FORMER_VERIFIER_KEYS.";

/**
 * Whether the database has the history that the anchor says has been shown. A log that has not keeps answering searches,
 * takes no entries, signs nothing, and says that it is not ready.
 */
@Injectable()
export class HistoryCheck {
  private readonly logger = new Logger('History');

  constructor(
    private readonly anchor: Anchor,
    private readonly proofs: Proofs,
    readiness: Readiness,
  ) {
    readiness.register('anchor', async () => {
      await this.anchor.assertWritten();
      await this.proofs.checkpoint();
    });
  }

  /**
   * To be run before the first entry is taken: proves that the tree in the database begins with the anchor's.
   * @throws StartError when the log in the database is signed by another key
   */
  async run(): Promise<void> {
    try {
      const anchored = this.anchor.checkpoint;
      // Anchors what a crash has left committed but not shown.
      const { size, note } = await this.proofs.checkpoint();
      if (anchored !== undefined) await this.prove(anchored, size, readCheckpointUnverified(note).root);
      else if (size > 0) this.logger.warn({ msg: 'no anchor: the log is trusted as it is found', size });
    } catch (error) {
      if (error instanceof ForeignCheckpoint) throw new StartError(FOREIGN);
      if (!(error instanceof LogBehindAnchor || error instanceof LogContradictsAnchor)) throw error;
      this.logger.error({ msg: 'the log refuses to sign', reason: error.message });
    }
  }

  private async prove(anchored: Anchored, size: number, root: Buffer): Promise<void> {
    try {
      const { hashes } = await this.proofs.consistency(anchored.size, size);
      verifyConsistency({ from: anchored.size, to: size, fromRoot: anchored.root, toRoot: root, proof: hashes });
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      this.anchor.contradict();
      throw new LogContradictsAnchor(anchored.size);
    }
  }
}
