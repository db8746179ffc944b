import { UpstreamRefused, UpstreamUnavailable } from '../json-client';
import { type EntryOutcome, type LogEntry, MAX_ENTRIES_IN_BATCH } from './entries.dto';
import { EntryBatches } from './entry-batches';

const entry = (crlNumber: number): LogEntry => ({
  type: 'crl',
  issuer: 'ab'.repeat(32),
  crl_number: crlNumber,
  crl_sha256: 'cd'.repeat(32),
});
const numberOf = (sent: LogEntry): number => (sent.type === 'crl' ? sent.crl_number : -1);
const appended = (index: number): EntryOutcome => ({
  status: 201,
  entry: { index, receipt: '', context_salt: null, known: false },
});

/** A log that answers each batch when it is told to. */
function heldLog() {
  const sent: number[][] = [];
  const releases: (() => void)[] = [];
  const batches = new EntryBatches(async (entries) => {
    sent.push(entries.map(numberOf));
    await new Promise<void>((resolve) => releases.push(resolve));
    return entries.map((each) => appended(numberOf(each)));
  }, 'certtransparency');
  return { batches, sent, release: (position: number) => releases[position]?.() };
}

const turns = async (count = 5): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
};

const answering = (outcomes: unknown): EntryBatches =>
  new EntryBatches(() => Promise.resolve(outcomes as EntryOutcome[]), 'certtransparency');

describe('entries on their way to the log', () => {
  it('travel together when they are appended together, and each gets its own answer', async () => {
    const { batches, sent, release } = heldLog();
    const results = [1, 2, 3].map((n) => batches.append(entry(n)));
    await turns();
    expect(sent).toEqual([[1, 2, 3]]);
    release(0);
    expect((await Promise.all(results)).map(({ index }) => index)).toEqual([1, 2, 3]);
  });

  it('gather while a request is under way, in the order in which they came', async () => {
    const { batches, sent, release } = heldLog();
    const results: Promise<unknown>[] = [];
    for (const n of [1, 2, 3, 4]) {
      results.push(batches.append(entry(n)));
      await turns();
    }
    expect(sent).toEqual([[1]]);
    release(0);
    await turns();
    expect(sent).toEqual([[1], [2, 3, 4]]);
    release(1);
    await Promise.all(results);
  });

  it('are never more in a request than the log takes, by number and by length', async () => {
    const { batches, sent, release } = heldLog();
    const results = Array.from({ length: MAX_ENTRIES_IN_BATCH + 1 }, (_, n) => batches.append(entry(n)));
    await turns();
    release(0);
    await turns();
    expect(sent.map(({ length }) => length)).toEqual([MAX_ENTRIES_IN_BATCH, 1]);
    release(1);
    await Promise.all(results);
    const large = { type: 'issued', kind: 'user', issuer: '', certificate: 'A'.repeat(60_000) } as const;
    const more = [large, large].map((each) => batches.append(each));
    await turns();
    release(2);
    await turns();
    expect(sent.slice(2).map(({ length }) => length)).toEqual([1, 1]);
    release(3);
    await Promise.all(more);
  });

  it('are refused one by one', async () => {
    const problem = { title: 'known', code: 'issuance_known', fingerprint: 'ef' };
    const batches = answering([
      appended(1),
      { status: 409, problem },
      { status: 503, problem: {}, retry_after_seconds: 7 },
    ]);
    const results = await Promise.allSettled([1, 2, 3].map((n) => batches.append(entry(n))));
    expect(results[0]).toMatchObject({ status: 'fulfilled', value: { index: 1 } });
    expect(results[1]).toMatchObject({ reason: expect.any(UpstreamRefused) });
    expect(results[1]).toMatchObject({ reason: { upstreamCode: 'issuance_known', problem } });
    expect(results[2]).toMatchObject({ reason: { retryAfterSeconds: 7, outcome: 'given_up' } });
  });

  it.each([
    ['too few outcomes', [appended(1)]],
    ['no outcomes', undefined],
    ['an outcome that is none', [appended(1), {}]],
    ['an outcome that is nothing', [appended(1), null]],
  ])('are not taken for logged when there are %s', async (_what, outcomes) => {
    const batches = answering(outcomes);
    const results = await Promise.allSettled([1, 2].map((n) => batches.append(entry(n))));
    expect(results[1]).toMatchObject({ status: 'rejected', reason: expect.any(UpstreamUnavailable) });
  });

  it('share the failure of their request, and the next ones travel again', async () => {
    let failing = true;
    const batches = new EntryBatches((entries) => {
      if (failing) return Promise.reject(new UpstreamUnavailable('certtransparency'));
      return Promise.resolve(entries.map((each) => appended(numberOf(each))));
    }, 'certtransparency');
    const results = await Promise.allSettled([1, 2].map((n) => batches.append(entry(n))));
    expect(results).toMatchObject([{ reason: expect.any(UpstreamUnavailable) }, { status: 'rejected' }]);
    failing = false;
    await expect(batches.append(entry(3))).resolves.toMatchObject({ index: 3 });
  });
});
