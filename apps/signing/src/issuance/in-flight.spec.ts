import { InFlight } from './in-flight';
import { IdempotencyKeyReused, TooManyIssuances } from './issuance.errors';

function held(): { readonly promise: Promise<string>; readonly release: (value: string) => void } {
  let release: (value: string) => void = () => undefined;
  const promise = new Promise<string>((resolve) => {
    release = resolve;
  });
  return { promise, release };
}

describe('work in flight', () => {
  it('is shared by the same request under the same key', async () => {
    const [inFlight, work] = [new InFlight<string>(1), held()];
    const first = inFlight.run('key', 'digest', () => work.promise);
    const second = inFlight.run('key', 'digest', () => Promise.reject(new Error('begun twice')));
    work.release('done');
    expect(await Promise.all([first, second])).toEqual(['done', 'done']);
    expect(inFlight.size).toBe(0);
  });

  it('refuses another request under the key', async () => {
    const [inFlight, work] = [new InFlight<string>(5), held()];
    const first = inFlight.run('key', 'digest', () => work.promise);
    await expect(inFlight.run('key', 'other', () => work.promise)).rejects.toThrow(IdempotencyKeyReused);
    work.release('done');
    await first;
  });

  it('is never more than the limit, and makes room when it ends, also when it fails', async () => {
    const [inFlight, work] = [new InFlight<string>(1), held()];
    const first = inFlight.run('a', 'digest', () => work.promise);
    await expect(inFlight.run('b', 'digest', () => work.promise)).rejects.toThrow(TooManyIssuances);
    work.release('done');
    await first;
    await expect(inFlight.run('b', 'digest', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await inFlight.run('c', 'digest', () => Promise.resolve('done'))).toBe('done');
  });
});
