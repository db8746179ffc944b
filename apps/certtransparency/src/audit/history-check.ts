import { Injectable, Logger } from '@nestjs/common';
import { Readiness, StartError } from '@libs/http';
import { proveConsistency, readCheckpointUnverified, verifyConsistency } from '@libs/tlog';
import { LogUnavailable } from '../database/log-unavailable';
import { Proofs } from '../proofs/proofs.service';
import { Tree } from '../proofs/tree';
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
    private readonly tree: Tree,
    readiness: Readiness,
  ) {
    readiness.register('anchor', async () => {
      await this.anchor.assertWritten();
      await this.proofs.checkpoint();
    });
  }

  /**
   * To be run before the first entry is taken: proves that the tree in the database begins with the anchor's, and anchors
   * what a crash has left committed and not shown.
   * @throws StartError when the log in the database is signed by another key
   */
  async run(): Promise<void> {
    const anchored = this.anchor.checkpoint;
    try {
      if (anchored !== undefined) await this.prove(anchored);
      const { size } = await this.proofs.checkpoint();
      if (anchored === undefined && size > 0) {
        this.logger.warn({ msg: 'no anchor: the log is trusted as it is found', size });
      }
    } catch (error) {
      if (error instanceof ForeignCheckpoint) throw new StartError(FOREIGN);
      if (!(error instanceof LogBehindAnchor || error instanceof LogContradictsAnchor)) throw error;
      this.logger.error({ msg: 'the log refuses to sign', reason: error.message });
    }
  }

  private async prove(anchored: Anchored): Promise<void> {
    const latest = await this.tree.checkpoint();
    if (latest === undefined || latest.size < anchored.size) {
      throw new LogBehindAnchor(latest?.size ?? 0, anchored.size);
    }
    try {
      const { root } = readCheckpointUnverified(latest.note);
      const proof = await proveConsistency(anchored.size, latest.size, this.tree.reader(latest.size));
      verifyConsistency({ from: anchored.size, to: latest.size, fromRoot: anchored.root, toRoot: root, proof });
    } catch (error) {
      if (error instanceof LogUnavailable) throw error;
      // A tree of which parts are missing proves nothing either.
      this.anchor.contradict();
      throw new LogContradictsAnchor(anchored.size);
    }
  }
}
