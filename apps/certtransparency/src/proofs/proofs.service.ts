import { Inject, Injectable } from '@nestjs/common';
import { InvalidRequest } from '@libs/http';
import {
  decodeLeaf,
  EMPTY_ROOT,
  leafExtra,
  type NoteSigner,
  printReceipt,
  proveConsistency,
  proveInclusion,
  signCheckpoint,
} from '@libs/tlog';
import { LogDatabase, safeInteger } from '../database/log-database';
import { CertificateNotFound } from '../certificate-not-found';
import { LOG_SIGNER } from '../log-key';
import { CheckpointNotFound, EntryNotCovered } from './proofs.errors';
import { type StoredCheckpoint, Tree } from './tree';

interface LeafRow extends Record<string, unknown> {
  readonly leaf: Buffer;
}

interface IndexRow extends Record<string, unknown> {
  readonly idx: string;
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
    @Inject(LOG_SIGNER) private readonly signer: NoteSigner,
  ) {}

  /** The latest checkpoint. That of an empty log is signed on the spot: there is nothing yet that it could contradict. */
  async checkpoint(): Promise<StoredCheckpoint> {
    const latest = await this.tree.checkpoint();
    if (latest !== undefined) return latest;
    const empty = { origin: this.signer.name, size: 0, root: Buffer.from(EMPTY_ROOT) };
    return { size: 0, note: signCheckpoint(empty, [this.signer]) };
  }

  /** Receipt of a certificate's issued entry, under the latest checkpoint or the one of the given size. */
  async certificateReceipt(fingerprint: string, size?: number): Promise<string> {
    const row = await this.database.row<IndexRow>('SELECT idx FROM ct.certificate WHERE fingerprint = $1', [
      Buffer.from(fingerprint, 'hex'),
    ]);
    if (row === undefined) throw new CertificateNotFound();
    return this.receipt(safeInteger(row.idx), size);
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
}
