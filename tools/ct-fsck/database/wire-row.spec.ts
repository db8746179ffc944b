import fc from 'fast-check';
import { decodeRow, differingColumns, encodeRow, leadingNumber, wire } from './wire-row';

const value = fc.option(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)));

describe('tuples on the wire', () => {
  it('are read as they were written', () => {
    fc.assert(fc.property(fc.array(value), (values) => expect(decodeRow(encodeRow(values))).toEqual(values)));
  });

  it('begin with a number', () => {
    const safe = fc.maxSafeNat();
    fc.assert(fc.property(safe, (number) => expect(leadingNumber(encodeRow([wire.int8(number)]))).toBe(number)));
    expect(leadingNumber(encodeRow([null]))).toBe(-1);
    expect(leadingNumber(encodeRow([Buffer.alloc(8, 0x7f)]))).toBe(-1);
  });

  it('tell in which columns they differ', () => {
    const columns = ['a', 'b', 'c'];
    fc.assert(
      fc.property(fc.tuple(value, value, value), fc.tuple(value, value, value), (one, other) => {
        const differing = columns.filter((_, i) => {
          const [x, y] = [one[i] ?? null, other[i] ?? null];
          return x === null || y === null ? x !== y : !x.equals(y);
        });
        expect(differingColumns(columns, encodeRow(one), encodeRow(other))).toEqual(differing);
      }),
    );
  });
});
