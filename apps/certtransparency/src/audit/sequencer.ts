import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { DomainError } from '@libs/http';
import { failPoints } from '../fail-points';
import { MAX_QUEUED_ENTRIES } from '../log-key';
import { isRefusal, LogUnavailable } from '../database/log-unavailable';
import { LogBusy, LogDisagreement, LogStopping } from './audit.errors';
import { BatchWriter } from './batch-writer';
import type { BulkRevocation } from './bulk-decision';
import type { Draft } from './draft';
import type { Fold, Outcome } from './fold';
import type { RevocationFold } from './revocation-fold';
import { SequencerMetrics } from './sequencer-metrics';
import { AmbiguousCommit, type Batch } from './write-gate';

/** An append as the caller learns of it: durable, and with the receipt unless the entry was there before. */
export interface Sequenced {
  readonly index: number;
  readonly salt: Buffer | null;
  readonly known: boolean;
  /** Undefined for an entry of an earlier batch. */
  readonly receipt: string | undefined;
}

interface Waiting {
  readonly draft: Draft;
  readonly resolve: (sequenced: Sequenced) => void;
  readonly reject: (error: Error) => void;
}

/** A bulk has a commit to itself, since what it consists of is looked up when its turn has come. */
interface WaitingBulk {
  readonly bulk: BulkRevocation;
  readonly resolve: (fold: RevocationFold) => void;
  readonly reject: (error: Error) => void;
}

type Queued = Waiting | WaitingBulk;

/** Larger batches gain nothing any more and hold the lock longer. */
const MAX_BATCH = 256;

/**
 * Puts entries in order. While one batch is being committed the next one gathers, so that a commit is shared by all who
 * wait (group commit); first come, first served. Several replicas may run: the database's lock makes them take turns, and
 * each reads the head after it got the lock, so nothing about the tree is remembered between two batches.
 */
@Injectable()
export class Sequencer implements OnApplicationShutdown {
  private readonly logger = new Logger(Sequencer.name);
  private readonly queue: Queued[] = [];
  private readonly releasing = new Set<Promise<void>>();
  /** Entries that are committed and wait for the anchor. */
  private unreleased = 0;
  private running: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly writer: BatchWriter,
    private readonly metrics: SequencerMetrics,
    @Inject(MAX_QUEUED_ENTRIES) private readonly maxQueued: number,
  ) {
    metrics.watch(
      () => this.queue.length,
      () => writer.shownSize,
    );
  }

  /**
   * Resolves once the entry is committed and anchored.
   * @throws LogBusy or LogStopping before anything was done; LogUnavailable when the outcome is not known
   */
  async append(draft: Draft): Promise<Sequenced> {
    return new Promise((resolve, reject) => {
      this.enqueue({ draft, resolve, reject });
    });
  }

  /**
   * Revokes what the criterion finds when its turn has come: after all that was submitted before, before all that comes later.
   * @throws as `append`; RevocationSetChanged, BulkTooLarge: nothing was done
   */
  async revokeMany(bulk: BulkRevocation): Promise<RevocationFold> {
    return new Promise((resolve, reject) => {
      this.enqueue({ bulk, resolve, reject });
    });
  }

  /** What was accepted is still written; requests have ended by then, so the queue is short. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.running;
    await Promise.all(this.releasing);
  }

  private enqueue(next: Queued): void {
    const refusal = this.refusal();
    if (refusal !== undefined) {
      this.reject([next], refusal);
      return;
    }
    this.queue.push(next);
    this.running ??= this.run();
  }

  private refusal(): Error | undefined {
    if (this.stopping) return new LogStopping();
    return this.queue.length + this.unreleased >= this.maxQueued ? new LogBusy() : undefined;
  }

  private async run(): Promise<void> {
    // Whatever else arrives in this turn of the event loop joins the first batch.
    await new Promise(setImmediate);
    for (let first = this.queue[0]; first !== undefined; first = this.queue[0]) {
      if ('bulk' in first) await this.commitBulk(first, this.queue.splice(0, 1));
      else await this.commitEntries(this.takeEntries());
    }
    this.running = undefined;
  }

  private takeEntries(): readonly Waiting[] {
    const end = this.queue.slice(0, MAX_BATCH).findIndex((next) => 'bulk' in next);
    return this.queue.splice(0, end < 0 ? MAX_BATCH : end).filter((next) => 'draft' in next);
  }

  private async commitEntries(batch: readonly Waiting[]): Promise<void> {
    const write = async () => this.writer.write(batch.map(({ draft }) => draft));
    await this.commit(batch, write, (fold) => {
      batch.forEach((waiting, i) => {
        this.settle(waiting, fold.outcomes[i], fold);
      });
    });
  }

  private async commitBulk({ bulk, resolve }: WaitingBulk, batch: readonly Queued[]): Promise<void> {
    await this.commit(batch, async () => this.writer.revokeMany(bulk), resolve);
  }

  /** Resolves when the next batch may begin: while this one is being anchored. */
  private async commit<T extends Batch>(
    batch: readonly Queued[],
    write: () => Promise<T>,
    settle: (written: T) => void,
  ): Promise<void> {
    const end = this.metrics.startCommit(batch.length);
    try {
      const written = await write();
      failPoints.reach('batch-committed');
      end('committed');
      const released = this.release(batch, written, settle).finally(() => this.releasing.delete(released));
      this.releasing.add(released);
    } catch (error) {
      end(isRefusal(error) || isOfTheCaller(error) ? 'refused' : 'failed');
      await this.failed(batch, error);
    }
  }

  private async release<T extends Batch>(
    batch: readonly Queued[],
    written: T,
    settle: (written: T) => void,
  ): Promise<void> {
    this.unreleased += batch.length;
    try {
      await this.writer.release(written);
      failPoints.reach('batch-anchored');
      settle(written);
      failPoints.reach('batch-answered');
    } catch (error) {
      this.logger.error({ msg: 'batch not anchored', entries: batch.length, err: error });
      this.reject(batch, error instanceof DomainError ? error : new LogUnavailable(error));
    } finally {
      this.unreleased -= batch.length;
    }
  }

  /** One entry that the gate refuses must not take down the others that happened to share its batch. */
  private async failed(batch: readonly Queued[], error: unknown): Promise<void> {
    if (isOfTheCaller(error)) {
      this.reject(batch, error);
      return;
    }
    const refused = isRefusal(error);
    this.logger.error({
      msg: refused ? 'batch refused' : 'batch not committed',
      entries: batch.length,
      ambiguous: error instanceof AmbiguousCommit,
      err: error,
    });
    if (refused && batch.length > 1) {
      for (const waiting of batch) if ('draft' in waiting) await this.commitEntries([waiting]);
      return;
    }
    const reason = refused ? new LogDisagreement(error) : new LogUnavailable(error);
    this.reject(batch, error instanceof DomainError ? error : reason);
  }

  private reject(batch: readonly Queued[], error: Error): void {
    for (const waiting of batch) {
      this.metrics.refused(error);
      waiting.reject(error);
    }
  }

  private settle(waiting: Waiting, outcome: Outcome | undefined, fold: Fold): void {
    switch (outcome?.kind) {
      case 'appended':
        waiting.resolve({ ...outcome, known: false, receipt: fold.receipt(outcome.index) });
        return;
      case 'known':
        waiting.resolve({ index: outcome.index, salt: null, known: true, receipt: undefined });
        return;
      case 'refused':
        this.reject([waiting], outcome.error);
        return;
      case undefined:
        this.reject([waiting], new LogUnavailable(new Error('the batch has no outcome for the entry')));
    }
  }
}

/** What was asked for cannot be done; nothing is wrong with the log. */
function isOfTheCaller(error: unknown): error is DomainError {
  return error instanceof DomainError && error.status < 500;
}
