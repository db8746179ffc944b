import { FixedClock } from '@libs/testing';
import type { LogDatabase } from '../database/log-database';
import { NameSample } from './name-sample';

const clock = new FixedClock();
let names: string[];
let reads: number;

function sample(): NameSample {
  const rows = () => {
    reads += 1;
    return Promise.resolve(names.map((common_name, i) => ({ idx: String(names.length - 1 - i), common_name })));
  };
  return new NameSample({ rows } as unknown as LogDatabase, clock);
}

beforeEach(() => {
  reads = 0;
  names = Array.from({ length: 100 }, (_, i) => `user${i}@example.org`);
});

describe('the sample of names', () => {
  it('tells how many have a part, each once, in upper or lower case', async () => {
    names[0] = 'gateway-gateway';
    names[99] = 'GATEWAY';
    expect(await sample().guess('gateWay')).toEqual({ key: 'gateWay', share: 0.02, certificates: 100 });
    expect((await sample().guess('example')).share).toBe(0.98);
    expect((await sample().guess('nobody')).share).toBe(0);
  });

  it('takes of a long part the stretch that is rarest, of letters and digits where there are several', async () => {
    expect((await sample().guess('9dda7917682@example.org')).key).toBe('9dda7917');
    expect((await sample().guess('user1234567@example.org')).key).toBe('user1234');
    expect((await sample().guess('@example.org/x1y2z3a4')).key).toBe('x1y2z3a4');
  });

  it('never cuts a character in two', async () => {
    const { key } = await sample().guess('😀😀😀😀abc😀😀😀😀');
    expect(key).not.toMatch(/\p{Surrogate}/u);
    expect(key).toContain('ab');
  });

  it('knows nothing of an empty log', async () => {
    names = [];
    expect(await sample().guess('anything at all')).toEqual({ key: 'anything', share: 0, certificates: 0 });
  });

  it('is taken once a minute, however many ask', async () => {
    const once = sample();
    await Promise.all(['one', 'two', 'three'].map((part) => once.guess(part)));
    expect(reads).toBe(1);
    clock.advance(61);
    await once.guess('four');
    expect(reads).toBe(2);
  });
});
