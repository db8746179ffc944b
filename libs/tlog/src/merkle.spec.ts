import fc from 'fast-check';
import { EMPTY_ROOT, leafHash } from './merkle';
import { Frontier } from './frontier';
import { TlogError } from './tlog-error';

const CLASSIC_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });

function frontierOf(leaves: readonly Uint8Array[]): Frontier {
  const frontier = Frontier.empty();
  for (const leaf of leaves) frontier.append(leafHash(leaf));
  return frontier;
}

describe('the Merkle tree of RFC 6962', () => {
  it('has the known root over the eight classic leaves', () => {
    expect(frontierOf(CLASSIC_LEAVES).root().toString('hex')).toBe(
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    );
  });

  it('hashes an empty leaf with its prefix', () => {
    expect(leafHash(Buffer.alloc(0)).toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });

  it('has SHA-256 of nothing as the root of the empty tree', () => {
    expect(EMPTY_ROOT.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(Frontier.empty().root()).toEqual(EMPTY_ROOT);
  });
});

describe('Frontier', () => {
  it('is the same after being written and read', () => {
    fc.assert(
      fc.property(fc.array(hash, { maxLength: 70 }), (hashes) => {
        const frontier = Frontier.empty();
        for (const leaf of hashes) frontier.append(leaf);
        const copy = Frontier.deserialize(frontier.size, frontier.serialize());
        expect(copy.root()).toEqual(frontier.root());
        expect(copy.serialize()).toEqual(frontier.serialize());
      }),
    );
  });

  it('reports each complete subtree once, at its place', () => {
    const seen: string[] = [];
    const frontier = Frontier.empty();
    for (let i = 0; i < 6; i += 1) {
      frontier.append(leafHash(Buffer.of(i)), ({ level, index }) => seen.push(`${level}/${index}`));
    }
    expect(seen).toEqual(['0/0', '0/1', '1/0', '0/2', '0/3', '1/1', '2/0', '0/4', '0/5', '1/2']);
  });

  it('leaves the original alone when a clone grows', () => {
    const frontier = frontierOf(CLASSIC_LEAVES);
    const before = frontier.root();
    frontier.clone().append(leafHash(Buffer.of(1)));
    expect(frontier.root()).toEqual(before);
    expect(frontier.size).toBe(8);
  });

  it('grows beyond 32 bits', () => {
    const size = 2 ** 40 + 1;
    const frontier = Frontier.deserialize(size, Buffer.alloc(64, 7));
    frontier.append(Buffer.alloc(32, 9));
    expect(frontier.size).toBe(size + 1);
    expect(frontier.nodes().map(({ node }) => node)).toEqual([
      { level: 40, index: 0 },
      { level: 1, index: 2 ** 39 },
    ]);
  });

  it.each([31, 33, 0])('refuses a leaf hash of %i bytes', (length) => {
    expect(() => Frontier.empty().append(Buffer.alloc(length))).toThrow(TlogError);
  });

  it.each([
    [3, 32],
    [3, 96],
    [0, 32],
  ])('refuses to read a frontier of size %i from %i bytes', (size, length) => {
    expect(() => Frontier.deserialize(size, Buffer.alloc(length))).toThrow(
      expect.objectContaining({ code: 'malformed_hash' }) as Error,
    );
  });
});
