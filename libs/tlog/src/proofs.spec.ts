import { createHash } from 'node:crypto';
import fc from 'fast-check';
import golden from '../../../test/golden/tlog/golden.json';
import { Frontier } from './frontier';
import { leafHash } from './merkle';
import {
  assembleProof,
  planConsistency,
  planInclusion,
  type ProofPlan,
  proveConsistency,
  proveInclusion,
} from './proofs';
import { TILE_WIDTH, type TileId, TileNodeReader, tilesForPlan } from './tiles';
import { TlogError } from './tlog-error';
import { verifyConsistency, verifyInclusion } from './verification';

const SIZE = 300;

/** The golden tree: every complete subtree by its place, and the roots of all its prefixes. */
function goldenTree() {
  const nodes = new Map<string, Buffer>();
  const roots: Buffer[] = [Frontier.empty().root()];
  const frontier = Frontier.empty();
  for (let i = 0; i < SIZE; i += 1) {
    frontier.append(leafHash(Buffer.from(`leaf ${i}`)), ({ level, index }, hash) =>
      nodes.set(`${level}/${index}`, hash),
    );
    roots.push(frontier.root());
  }
  return { nodes, roots };
}

const { nodes, roots } = goldenTree();

function found(hash: Buffer | undefined): Buffer {
  if (hash === undefined) throw new Error('the test asks for what is not in the tree');
  return hash;
}

const reader = { node: (level: number, index: number) => Promise.resolve(found(nodes.get(`${level}/${index}`))) };
const base64 = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString('base64'));

describe('proofs', () => {
  it("agree with Go's roots at every size", () => {
    for (const { size, root } of golden.roots) expect(found(roots[size]).toString('base64')).toBe(root);
  });

  it("of inclusion are Go's", async () => {
    for (const { index, size, proof } of golden.inclusion) {
      expect(base64(await proveInclusion(index, size, reader))).toEqual(proof);
    }
  });

  it("of consistency are Go's", async () => {
    for (const { from, to, proof } of golden.consistency) {
      expect(base64(await proveConsistency(from, to, reader))).toEqual(proof);
    }
  });

  it("are Go's for every leaf and every older tree of all trees up to 300 leaves", () => {
    const digests = { roots: createHash('sha256'), inclusion: createHash('sha256'), consistency: createHash('sha256') };
    const prove = (plan: ProofPlan) => {
      const proof = assembleProof(plan, ({ level, index }) => found(nodes.get(`${level}/${index}`)));
      return Buffer.concat([Buffer.of(proof.length), ...proof]);
    };
    for (let size = 1; size <= SIZE; size += 1) {
      digests.roots.update(found(roots[size]));
      for (let i = 0; i < size; i += 1) digests.inclusion.update(prove(planInclusion(i, size)));
      for (let from = 1; from <= size; from += 1) digests.consistency.update(prove(planConsistency(from, size)));
    }
    expect({
      roots: digests.roots.digest('hex'),
      inclusion: digests.inclusion.digest('hex'),
      consistency: digests.consistency.digest('hex'),
    }).toEqual(golden.digests);
  });

  it('verify, and no longer do with a single bit changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: SIZE }), fc.nat(), fc.nat(), (size, choice, bit) => {
        const index = choice % size;
        const proof = assembleProof(planInclusion(index, size), (node) =>
          found(nodes.get(`${node.level}/${node.index}`)),
        );
        const claim = { index, size, leafHash: found(nodes.get(`0/${index}`)), proof, root: found(roots[size]) };
        expect(() => verifyInclusion(claim)).not.toThrow();
        const broken = proof.map((hash) => Buffer.from(hash));
        const victim = found(broken[bit % broken.length]);
        victim[bit % 32] = (victim[bit % 32] ?? 0) ^ 1;
        expect(() => verifyInclusion({ ...claim, proof: broken })).toThrow(TlogError);
        expect(() => verifyInclusion({ ...claim, proof: proof.slice(1) })).toThrow(TlogError);
      }),
    );
  });

  it('of consistency verify between any two sizes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: SIZE }), fc.integer({ min: 1, max: SIZE }), async (a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const proof = await proveConsistency(from, to, reader);
        const claim = { from, to, fromRoot: found(roots[from]), toRoot: found(roots[to]), proof };
        expect(() => verifyConsistency(claim)).not.toThrow();
        if (from < to) expect(() => verifyConsistency({ ...claim, fromRoot: claim.toRoot })).toThrow(TlogError);
      }),
    );
  });

  it('are refused from size 0, outside the tree, and backwards', () => {
    expect(() => planConsistency(0, 5)).toThrow(TlogError);
    expect(() => planConsistency(6, 5)).toThrow(TlogError);
    expect(() => planInclusion(5, 5)).toThrow(TlogError);
    expect(() => planInclusion(-1, 5)).toThrow(TlogError);
    expect(() => planInclusion(0, 2 ** 53)).toThrow(TlogError);
    const root = found(roots[5]);
    expect(() => verifyConsistency({ from: 0, to: 5, fromRoot: found(roots[0]), toRoot: root, proof: [] })).toThrow(
      expect.objectContaining({ code: 'consistency_invalid' }) as Error,
    );
  });

  it('are planned beyond 32 bits without losing digits', () => {
    const size = 2 ** 45 + 3;
    expect(planInclusion(size - 1, size)).toEqual([[{ level: 1, index: 2 ** 44 }], [{ level: 45, index: 0 }]]);
  });
});

describe('TileNodeReader', () => {
  function readTile({ level, n, width }: TileId & { level: number }): Promise<Buffer> {
    const row = Array.from({ length: width }, (_, i) => found(nodes.get(`${level * 8}/${n * TILE_WIDTH + i}`)));
    return Promise.resolve(Buffer.concat(row));
  }

  it('proves the same from tiles as from single nodes', async () => {
    for (const [index, size] of [
      [0, 300],
      [299, 300],
      [255, 256],
      [17, 65],
      [0, 1],
    ] as const) {
      const tiles = new TileNodeReader(size, readTile);
      expect(await proveInclusion(index, size, tiles)).toEqual(await proveInclusion(index, size, reader));
    }
  });

  it('asks for each tile once', async () => {
    const asked: string[] = [];
    const tiles = new TileNodeReader(SIZE, (tile) => {
      asked.push(`${tile.level}/${tile.n}.${tile.width}`);
      return readTile(tile);
    });
    await proveInclusion(260, SIZE, tiles);
    expect(asked.sort()).toEqual(['0/1.44', '1/0.1']);
    const planned = tilesForPlan(planInclusion(260, SIZE), SIZE);
    expect(planned.map(({ level, n, width }) => `${level}/${n}.${width}`).sort()).toEqual(['0/1.44', '1/0.1']);
  });

  it('refuses a tile that is too short', async () => {
    const tiles = new TileNodeReader(SIZE, () => Promise.resolve(Buffer.alloc(31)));
    await expect(tiles.node(0, 0)).rejects.toThrow(TlogError);
  });
});
