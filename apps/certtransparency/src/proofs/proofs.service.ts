import { Injectable } from '@nestjs/common';
import { InvalidRequest } from '@libs/http';
import {
  decodeLeaf,
  EMPTY_ROOT,
  leafExtra,
  printReceipt,
  proveConsistency,
  proveInclusion,
  readCheckpointUnverified,
} from '@libs/tlog';
import { LogDatabase, safeInteger } from '../database/log-database';
import { CertificateNotFound } from '../certificate-not-found';
import { Anchor, type Anchored } from '../audit/anchor';
import { CheckpointSigner } from '../log-key';
import { CheckpointNotFound, EntryNotCovered } from './proofs.errors';
import { type StoredCheckpoint, Tree } from './tree';

interface LeafRow extends Record<string, unknown> {
  readonly leaf: Buffer;
}

interface IndexRow extends Record<string, unknown> {
  readonly idx: string;
}

export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  readonly hashes: readonly Buffer[];
}

export interface ConsistencyProof {
  readonly from: number;
  readonly to: number;
  readonly hashes: readonly Buffer[];
}

/** Proofs about what is in the log already; whoever appends gets the first receipt from the sequencer. */
@Injectable()
export class Proofs {
  constructor(
    private readonly database: LogDatabase,
    private readonly tree: Tree,
    private readonly anchor: Anchor,
    private readonly signer: CheckpointSigner,
  ) {}

  /**
   * The latest checkpoint, anchored before it is shown. That of an empty log is signed on the spot: there is nothing yet
   * that it could contradict.
   * @throws LogBehindAnchor, LogContradictsAnchor, ForeignCheckpoint when it is not one to show; LogUnavailable
   */
  async checkpoint(): Promise<StoredCheckpoint> {
    const anchored = this.anchor.checkpoint;
    const latest = await this.tree.checkpoint();
    if (latest === undefined) {
      this.anchor.assertExtended(anchored, 0, null);
      return { size: 0, note: this.signer.checkpoint(0, Buffer.from(EMPTY_ROOT)) };
    }
    this.anchor.assertExtended(anchored, latest.size, await this.rootAt(anchored, latest));
    await this.anchor.show(latest);
    return latest;
  }

  /** Receipt of a certificate's issued entry, under the latest checkpoint or the one of the given size. */
  async certificateReceipt(fingerprint: string, size?: number): Promise<string> {
    return this.receipt(await this.indexOf(fingerprint), size);
  }

  /** Proof of a certificate's issued entry in the log of any size, by default the present one. */
  async inclusion(fingerprint: string, size?: number): Promise<InclusionProof> {
    const latest = await this.checkpoint();
    const index = await this.indexOf(fingerprint);
    const end = size ?? latest.size;
    if (end > latest.size) throw new CheckpointNotFound();
    if (index >= end) throw new EntryNotCovered();
    return { index, size: end, hashes: await proveInclusion(index, end, this.tree.reader(end)) };
  }

  /** Receipt of any entry. */
  async receipt(index: number, size?: number): Promise<string> {
    const checkpoint = size === undefined ? await this.checkpoint() : await this.tree.checkpoint(size);
    if (checkpoint === undefined) throw new CheckpointNotFound();
    if (index >= checkpoint.size) throw new EntryNotCovered();
    const row = await this.database.row<LeafRow>('SELECT leaf FROM ct.entry WHERE idx = $1', [index]);
    if (row === undefined) throw new Error('an entry below the checkpoint is missing');
    const proof = await proveInclusion(index, checkpoint.size, this.tree.reader(checkpoint.size));
    return printReceipt({ extra: leafExtra(decodeLeaf(row.leaf)), index, proof, checkpoint: checkpoint.note });
  }

  /** Proof that the log of `to` entries, by default the present one, begins with that of `from`. */
  async consistency(from: number, to?: number): Promise<ConsistencyProof> {
    const latest = await this.checkpoint();
    const end = to ?? latest.size;
    if (end > latest.size || from > latest.size) throw new CheckpointNotFound();
    if (from > end) throw new InvalidRequest([{ field: 'from', message: 'from must not be greater than to' }]);
    return { from, to: end, hashes: await proveConsistency(from, end, this.tree.reader(end)) };
  }

  /** Root that the database has where the anchor is; most of the time that is the latest checkpoint itself. */
  private async rootAt(anchored: Anchored | undefined, latest: StoredCheckpoint): Promise<Buffer | null> {
    if (anchored === undefined) return null;
    const there = latest.size === anchored.size ? latest : await this.tree.checkpoint(anchored.size);
    return there ? readCheckpointUnverified(there.note).root : null;
  }

  private async indexOf(fingerprint: string): Promise<number> {
    const row = await this.database.row<IndexRow>('SELECT idx FROM ct.certificate WHERE fingerprint = $1', [
      Buffer.from(fingerprint, 'hex'),
    ]);
    if (row === undefined) throw new CertificateNotFound();
    return safeInteger(row.idx);
  }
}
