import { Injectable } from '@nestjs/common';
import { DomainError, Metrics } from '@libs/http';
import { Counter, Gauge, Histogram } from 'prom-client';

/** What an operator sees of the sequencer. */
@Injectable()
export class SequencerMetrics {
  readonly batchEntries: Histogram;
  private readonly commits: Histogram<'outcome'>;
  private readonly refusals: Counter<'code'>;

  constructor(private readonly metrics: Metrics) {
    const registers = [metrics.registry];
    this.batchEntries = new Histogram({
      name: 'ct_batch_entries',
      help: 'Submitted entries that shared a commit',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    });
    this.commits = new Histogram({
      name: 'ct_commit_seconds',
      help: 'Time from taking a batch from the queue to the answer to its commit, the wait for other replicas included',
      labelNames: ['outcome'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    });
    this.refusals = new Counter({
      name: 'ct_refusals_total',
      help: 'Submitted entries that were not logged, by error code',
      labelNames: ['code'],
      registers,
    });
  }

  /** Both are asked for when somebody looks. */
  watch(queueLength: () => number, logSize: () => number): void {
    const registers = [this.metrics.registry];
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    gauge('ct_queue_entries', 'Entries that wait for their batch', queueLength);
    gauge('ct_anchored_entries', 'Size of the last checkpoint that was released', logSize);
  }

  /** Measures one commit; the answer says how it ended. */
  startCommit(entries: number): (outcome: 'committed' | 'refused' | 'failed') => void {
    this.batchEntries.observe(entries);
    const stop = this.commits.startTimer();
    return (outcome) => {
      stop({ outcome });
    };
  }

  refused(error: Error): void {
    this.refusals.inc({ code: error instanceof DomainError ? error.code : 'internal' });
  }
}
