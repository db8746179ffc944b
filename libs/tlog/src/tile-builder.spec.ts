import fc from 'fast-check';
import { leafHash, nodeHash } from './merkle';
import { Frontier } from './frontier';
import { proveInclusion } from './proofs';
import { type BuiltTile, TileBuilder } from './tile-builder';
import { nodeFromTile, printTilePath, TileNodeReader, tileWidth } from './tiles';
import { verifyInclusion } from './verification';

const leafAt = (index: number) => leafHash(Buffer.from(`leaf ${index}`));

/** All tiles of a tree, by their paths. */
function buildTiles(size: number): { builder: TileBuilder; tiles: Map<string, BuiltTile> } {
  const builder = new TileBuilder();
  const tiles = new Map<string, BuiltTile>();
  const add = (tile: BuiltTile) => tiles.set(printTilePath(tile.tile), tile);
  for (let i = 0; i < size; i += 1) builder.append(leafAt(i)).forEach(add);
  builder.partialTiles().forEach(add);
  return { builder, tiles };
}

describe('TileBuilder', () => {
  it.each([
    [0, []],
    [1, ['tile/0/000.p/1']],
    [255, ['tile/0/000.p/255']],
    [256, ['tile/0/000', 'tile/1/000.p/1']],
    [257, ['tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1']],
    [600, ['tile/0/000', 'tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2']],
  ])('makes the tiles of a tree of %i leaves', (size, paths) => {
    const { builder, tiles } = buildTiles(size);
    expect([...tiles.keys()].sort()).toEqual(paths);
    expect(builder.size).toBe(size);
    for (const { tile, hashes } of tiles.values()) {
      expect(tile.width).toBe(tileWidth(tile.level, tile.n, size));
      expect(hashes).toHaveLength(tile.width * 32);
    }
  });

  it('fills tiles of all levels with one leaf, where it does', () => {
    const builder = new TileBuilder();
    for (let i = 0; i < 65_535; i += 1) builder.append(leafAt(i));
    const filled = builder.append(leafAt(65_535));
    expect(filled.map(({ tile }) => printTilePath(tile))).toEqual(['tile/0/255', 'tile/1/000']);
    expect(builder.partialTiles().map(({ tile }) => printTilePath(tile))).toEqual(['tile/2/000.p/1']);
    const [, upper] = filled.map(({ hashes }) => hashes);
    expect(builder.root()).toEqual(nodeFromTile({ level: 16, index: 0 }, builder.partialTiles()[0]!.hashes));
    const halves = [0, 1].map((index) => nodeFromTile({ level: 15, index }, upper!));
    expect(builder.root()).toEqual(nodeHash(halves[0]!, halves[1]!));
  });

  it('makes tiles from which every leaf is proven', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), fc.nat(), async (size, choice) => {
        const index = choice % size;
        const { builder, tiles } = buildTiles(size);
        const reader = new TileNodeReader(size, (tile) => Promise.resolve(tiles.get(printTilePath(tile))!.hashes));
        const proof = await proveInclusion(index, size, reader);
        expect(() =>
          verifyInclusion({ index, size, leafHash: leafAt(index), proof, root: builder.root() }),
        ).not.toThrow();
      }),
      { numRuns: 30 },
    );
  });

  it("has the frontier's root at every size", () => {
    const builder = new TileBuilder();
    const frontier = Frontier.empty();
    for (let i = 0; i < 600; i += 1) {
      expect(builder.root()).toEqual(frontier.root());
      builder.append(leafAt(i));
      frontier.append(leafAt(i));
    }
  });
});
