import fc from 'fast-check';
import golden from '../../../test/golden/tlog/golden.json';
import { parseTilePath, printTilePath, tileWidth } from './tiles';
import { TlogError } from './tlog-error';

const tile = fc.record({
  level: fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant('entries' as const)),
  n: fc.maxSafeNat(),
  width: fc.integer({ min: 1, max: 256 }),
});

describe('tile paths', () => {
  it('are the same after being printed and parsed', () => {
    fc.assert(fc.property(tile, (id) => expect(parseTilePath(printTilePath(id))).toEqual(id)));
  });

  it("are spelled as Go's", () => {
    for (const path of golden.tiles) expect(printTilePath(parseTilePath(path))).toBe(path);
    expect(printTilePath({ level: 3, n: 1_234_067, width: 1 })).toBe(
      golden.tiles.find((path) => path.includes('x234/067.p/1')),
    );
  });

  it.each([
    '/tile/0/000',
    'tile/00/000',
    'tile/64/000',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/x000/000',
    'tile/0/001/000',
    'tile/0/x001',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/data/000',
    'tile/0/000/',
    'tile/0/000?',
    'tile/0/x999/x999/x999/x999/x999/999',
  ])('refuse %s', (path) => {
    expect(() => parseTilePath(path)).toThrow(TlogError);
  });
});

describe('tileWidth', () => {
  it('follows the example of the standard for 70,000 leaves', () => {
    expect(tileWidth(0, 272, 70_000)).toBe(256);
    expect(tileWidth(0, 273, 70_000)).toBe(112);
    expect(tileWidth(0, 274, 70_000)).toBe(0);
    expect(tileWidth(1, 0, 70_000)).toBe(256);
    expect(tileWidth(1, 1, 70_000)).toBe(17);
    expect(tileWidth(2, 0, 70_000)).toBe(1);
  });
});
