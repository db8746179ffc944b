import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Clock, Metrics } from '@libs/http';
import { Frontier, generateNoteKey } from '@libs/tlog';
import { LogUnavailable } from '../database/log-unavailable';
import { LogBusy, LogDisagreement, LogStopping, RevocationSetChanged } from './audit.errors';
import { CheckpointSigner } from '../log-key';
import { Anchor } from './anchor';
import type { CrlDraft, Draft } from './draft';
import { BatchWriter } from './batch-writer';
import type { BulkRevocation } from './bulk-decision';
import { SequencerMetrics } from './sequencer-metrics';
import { Sequencer } from './sequencer';
import type { Findings } from './findings';
import { AmbiguousCommit, type Batch, type Question, WriteGate } from './write-gate';

class StillClock extends Clock {
  now(): Date {
    return new Date(1_700_000_000_000);
  }
}

/** An empty log that takes every batch and stays empty; its commits can be made to fail. */
class EmptyGate extends WriteGate {
  readonly batches: number[] = [];
  failures: Error[] = [];
  refuse: (crlNumber: number) => boolean = () => false;
  /** Commits wait for it. */
  turn: Promise<void> = Promise.resolve();

  constructor() {
    super(undefined as never);
  }

  /** Of a bulk: it finds three certificates in the empty log. */
  override async commit<F, T extends Batch>(_: Question<F>, compose: (findings: F) => T | Promise<T>): Promise<T> {
    await this.turn;
    const head = { size: 0, frontier: Frontier.empty(), loggedAt: 0 };
    const targets = [1, 2, 3].map((index) => ({ index, fingerprint: randomBytes(32), issuer: Buffer.alloc(32) }));
    const batch = await compose({ head, anchoredRoot: null, targets } as F);
    this.batches.push(batch.entries.length);
    return batch;
  }

  override async write<T extends Batch>(
    drafts: readonly Draft[],
    _anchorSize: number,
    compose: (findings: Findings) => T,
  ): Promise<T> {
    await this.turn;
    const head = { size: 0, frontier: Frontier.empty(), loggedAt: 0 };
    const batch = compose({ head, knowledge: drafts.map(() => NOTHING_KNOWN), anchoredRoot: null });
    if (drafts.some((draft) => draft.type === 'crl' && this.refuse(draft.crlNumber))) {
      throw Object.assign(new Error('refused'), { code: 'CT004' });
    }
    const failure = this.failures.shift();
    if (failure) throw failure;
    this.batches.push(batch.entries.length);
    return batch;
  }
}

const NOTHING_KNOWN = { knownIndex: null, issued: null, issuanceFingerprint: null };

const draft = (crlNumber: number): CrlDraft => ({
  type: 'crl',
  identity: randomBytes(32),
  context: null,
  issuer: Buffer.alloc(32),
  crlNumber,
});

const bulk = (confirmed?: BulkRevocation['confirmed']): BulkRevocation => ({
  criterion: { field: 'user_id', value: '' },
  confirmed,
  order: { reason: 4, revokedAt: 0, actor: null, context: null },
});

/** Holds nothing against a log that stays empty. */
class NoAnchor extends Anchor {
  override release(): Promise<void> {
    return Promise.resolve();
  }
}

function setUp(maxQueued = 100) {
  const gate = new EmptyGate();
  const signer = new CheckpointSigner(generateNoteKey('log.test/sequencer'));
  const writer = new BatchWriter(gate, new StillClock(), new NoAnchor(undefined, signer.verifiers), signer);
  const metrics = new Metrics();
  const sequencer = new Sequencer(writer, new SequencerMetrics(metrics), maxQueued);
  return { gate, sequencer, metrics };
}

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('Sequencer', () => {
  it('commits together what waits together, in the order of arrival', async () => {
    const { gate, sequencer } = setUp();
    const results = await Promise.all([1, 2, 3, 4, 5].map((i) => sequencer.append(draft(i))));
    expect(gate.batches).toEqual([5]);
    expect(results.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(results.every(({ receipt }) => receipt?.startsWith('c2sp.org/tlog-proof@v1'))).toBe(true);
  });

  it('gives a bulk a commit of its own, after what came before it and before what came after', async () => {
    const { gate, sequencer } = setUp();
    const settled: string[] = [];
    const note = (name: string) => () => settled.push(name);
    await Promise.all([
      sequencer.append(draft(1)).then(note('first')),
      sequencer.append(draft(2)).then(note('second')),
      sequencer.revokeMany(bulk()).then(note('bulk')),
      sequencer.append(draft(3)).then(note('third')),
    ]);
    expect(gate.batches).toEqual([2, 3, 1]);
    expect(settled).toEqual(['first', 'second', 'bulk', 'third']);
  });

  it('refuses a bulk of other certificates than those confirmed, and goes on', async () => {
    const { gate, sequencer, metrics } = setUp();
    const confirmed = { size: 0, moment: 0, count: 3, digest: '0'.repeat(64) };
    await expect(sequencer.revokeMany(bulk(confirmed))).rejects.toThrow(RevocationSetChanged);
    await expect(sequencer.append(draft(1))).resolves.toMatchObject({ index: 0 });
    expect(gate.batches).toEqual([1]);
    expect(await metrics.registry.metrics()).toContain('ct_refusals_total{code="revocation_set_changed"} 1');
  });

  it('refuses more than it may queue, and takes the next once there is room', async () => {
    const { gate, sequencer } = setUp(3);
    let open = (): void => undefined;
    gate.turn = new Promise((resolve) => (open = resolve));
    const waiting = [1, 2, 3].map((i) => sequencer.append(draft(i)));
    await expect(sequencer.append(draft(4))).rejects.toThrow(LogBusy);
    open();
    await Promise.all(waiting);
    await expect(sequencer.append(draft(5))).resolves.toMatchObject({ known: false });
  });

  it('writes each entry by itself when the gate refuses the batch, and fails only the refused one', async () => {
    const { gate, sequencer } = setUp();
    gate.refuse = (number) => number === 2;
    const results = await Promise.allSettled([1, 2, 3].map((i) => sequencer.append(draft(i))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: expect.any(LogDisagreement) });
  });

  it.each([
    ['a lost connection', Object.assign(new Error('connection terminated'), { code: 'ECONNRESET' })],
    ['a server that shuts down', Object.assign(new Error('terminating'), { code: '57P01' })],
    ['a full disk', Object.assign(new Error('no space'), { code: '53100' })],
    ['a commit without an answer', new AmbiguousCommit(new Error('gone'))],
  ])('says 503 after %s, and reads the head anew for the next', async (_, failure) => {
    const { gate, sequencer } = setUp();
    gate.failures = [failure];
    await expect(sequencer.append(draft(1))).rejects.toThrow(LogUnavailable);
    await expect(sequencer.append(draft(1))).resolves.toMatchObject({ index: 0, known: false });
  });

  it('finishes what it has taken when it is stopped, and takes nothing more', async () => {
    const { gate, sequencer } = setUp();
    let open = (): void => undefined;
    gate.turn = new Promise((resolve) => (open = resolve));
    const waiting = sequencer.append(draft(1));
    const stopped = sequencer.onApplicationShutdown();
    await expect(sequencer.append(draft(2))).rejects.toThrow(LogStopping);
    open();
    await stopped;
    await expect(waiting).resolves.toMatchObject({ index: 0 });
  });

  it('counts what it does', async () => {
    const { gate, sequencer, metrics } = setUp(2);
    let open = (): void => undefined;
    gate.turn = new Promise((resolve) => (open = resolve));
    const waiting = [1, 2].map((i) => sequencer.append(draft(i)));
    await expect(sequencer.append(draft(3))).rejects.toThrow(LogBusy);
    open();
    await Promise.all(waiting);
    gate.failures = [new AmbiguousCommit(new Error('gone'))];
    await expect(sequencer.append(draft(4))).rejects.toThrow(LogUnavailable);
    const text = await metrics.registry.metrics();
    for (const line of [
      'ct_queue_entries 0',
      'ct_batch_entries_sum 3',
      'ct_commit_seconds_count{outcome="committed"} 1',
      'ct_commit_seconds_count{outcome="failed"} 1',
      'ct_refusals_total{code="log_busy"} 1',
      'ct_refusals_total{code="log_unavailable"} 1',
    ]) {
      expect(text).toContain(line);
    }
  });
});
