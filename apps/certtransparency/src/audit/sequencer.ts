import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Clock, DomainError } from '@libs/http';
import type { NoteSigner } from '@libs/tlog';
import { LOG_SIGNER, MAX_QUEUED_ENTRIES } from '../log-key';
import { isRefusal, LogUnavailable } from '../database/log-unavailable';
import { LogBusy, LogDisagreement, LogStopping } from './audit.errors';
import type { Draft } from './draft';
import { Fold, type Outcome } from './fold';
import { AmbiguousCommit, WriteGate } from './write-gate';

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
  private readonly queue: Waiting[] = [];
  private running: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly gate: WriteGate,
    private readonly clock: Clock,
    @Inject(LOG_SIGNER) private readonly signer: NoteSigner,
    @Inject(MAX_QUEUED_ENTRIES) private readonly maxQueued: number,
  ) {}

  /**
   * Resolves once the entry is committed.
   * @throws LogBusy or LogStopping before anything was done; LogUnavailable when the outcome is not known
   */
  async append(draft: Draft): Promise<Sequenced> {
    if (this.stopping) throw new LogStopping();
    if (this.queue.length >= this.maxQueued) throw new LogBusy();
    return new Promise((resolve, reject) => {
      this.queue.push({ draft, resolve, reject });
      this.running ??= this.run();
    });
  }

  /** What was accepted is still written; requests have ended by then, so the queue is short. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  private async run(): Promise<void> {
    // Whatever else arrives in this turn of the event loop joins the first batch.
    await new Promise(setImmediate);
    while (this.queue.length > 0) await this.commit(this.queue.splice(0, MAX_BATCH));
    this.running = undefined;
  }

  private async commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const { fold, checkpoint } = await this.write(batch.map(({ draft }) => draft));
      batch.forEach((waiting, i) => {
        settle(waiting, fold.outcomes[i], (index) => fold.receipt(index, checkpoint));
      });
    } catch (error) {
      await this.failed(batch, error);
    }
  }

  private async write(drafts: readonly Draft[]): Promise<{ fold: Fold; checkpoint: string }> {
    return this.gate.locked(async (session) => {
      const head = await session.head();
      const knowledge = await session.knowledge(drafts);
      const fold = new Fold(head, this.signer, this.clock.now());
      drafts.forEach((draft, i) => {
        const known = knowledge[i];
        if (known !== undefined) fold.add(draft, known);
      });
      if (fold.entries.length === 0) return { fold, checkpoint: '' };
      const checkpoint = fold.checkpoint();
      await session.append(fold, checkpoint);
      return { fold, checkpoint };
    });
  }

  /** One entry that the gate refuses must not take down the others that happened to share its batch. */
  private async failed(batch: readonly Waiting[], error: unknown): Promise<void> {
    const refused = isRefusal(error);
    this.logger.error({
      msg: refused ? 'batch refused' : 'batch not committed',
      entries: batch.length,
      ambiguous: error instanceof AmbiguousCommit,
      err: error,
    });
    if (refused && batch.length > 1) {
      for (const waiting of batch) await this.commit([waiting]);
      return;
    }
    const reason = refused ? new LogDisagreement(error) : new LogUnavailable(error);
    for (const { reject } of batch) reject(error instanceof DomainError ? error : reason);
  }
}

function settle(
  waiting: Waiting,
  outcome: Outcome | undefined,
  receiptOf: (index: number) => string | undefined,
): void {
  switch (outcome?.kind) {
    case 'appended':
      waiting.resolve({ ...outcome, known: false, receipt: receiptOf(outcome.index) });
      return;
    case 'known':
      waiting.resolve({ index: outcome.index, salt: null, known: true, receipt: undefined });
      return;
    case 'refused':
      waiting.reject(outcome.error);
      return;
    case undefined:
      waiting.reject(new LogUnavailable(new Error('the batch has no outcome for the entry')));
  }
}
