import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { HashIndex } from './hash-index';

// Few different beginnings, so that hashes often want the same slot.
const hash = fc
  .tuple(fc.nat({ max: 3 }), fc.uint8Array({ minLength: 28, maxLength: 28 }))
  .map(([head, tail]) => Buffer.concat([Buffer.of(0, 0, 0, head), tail]));

describe('HashIndex', () => {
  it('numbers hashes as a Map does', () => {
    fc.assert(
      fc.property(fc.array(hash, { maxLength: 200 }), fc.array(hash, { maxLength: 20 }), (added, asked) => {
        const index = new HashIndex();
        const model = new Map<string, number>();
        for (const each of [...added, ...added]) {
          expect(index.add(each)).toBe(!model.has(each.toString('hex')));
          if (!model.has(each.toString('hex'))) model.set(each.toString('hex'), model.size);
        }
        for (const each of [...added, ...asked]) expect(index.numberOf(each)).toBe(model.get(each.toString('hex')));
      }),
    );
  });

  it('keeps its numbers while it grows', () => {
    const index = new HashIndex();
    const hashes = Array.from({ length: 20_000 }, (_, i) => createHash('sha256').update(String(i)).digest());
    expect(hashes.every((each) => index.add(each))).toBe(true);
    expect(hashes.every((each, i) => index.numberOf(each) === i && !index.add(each))).toBe(true);
  });

  it('refuses what is not 32 bytes', () => {
    expect(() => new HashIndex().add(Buffer.alloc(31))).toThrow(RangeError);
  });
});
