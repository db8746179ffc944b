import { assertHash, assertSize, equalHashes, nodeHash } from './merkle';
import { TlogError } from './tlog-error';

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

export interface ConsistencyClaim {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Uint8Array;
  readonly toRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Two node positions on one level, walked up together. Division, since shifts would cut sizes to 32 bits. */
class Climb {
  constructor(
    public node: number,
    public last: number,
  ) {}

  up(): void {
    this.node = Math.floor(this.node / 2);
    this.last = Math.floor(this.last / 2);
  }

  /** The node's sibling is on its left: it is a right child, or it ends a level that has no sibling to its right. */
  get siblingIsLeft(): boolean {
    return this.node % 2 === 1 || this.node === this.last;
  }

  upWhileLeftChild(): void {
    while (this.node % 2 === 0 && this.node !== 0) this.up();
  }
}

/** Throws `inclusion_invalid` unless the proof leads from the leaf hash to the root (RFC 9162 §2.1.3.2). */
export function verifyInclusion({ index, size, leafHash, proof, root }: InclusionClaim): void {
  assertSize(index, 'index');
  assertSize(size, 'tree size');
  assertHash(leafHash, 'leaf hash');
  assertHash(root, 'root');
  if (index >= size) throw new TlogError('inclusion_invalid', 'the index is outside the tree');
  const climb = new Climb(index, size - 1);
  let hash: Buffer = Buffer.from(leafHash);
  for (const sibling of proof) {
    assertHash(sibling, 'proof hash');
    if (climb.last === 0) throw new TlogError('inclusion_invalid', 'the proof is too long');
    if (climb.siblingIsLeft) {
      hash = nodeHash(sibling, hash);
      climb.upWhileLeftChild();
    } else {
      hash = nodeHash(hash, sibling);
    }
    climb.up();
  }
  if (climb.last !== 0) throw new TlogError('inclusion_invalid', 'the proof is too short');
  if (!equalHashes(hash, root)) throw new TlogError('inclusion_invalid', 'the proof leads to another root');
}

/**
 * Throws `consistency_invalid` unless the proof shows that the larger tree begins with all of the smaller one
 * (RFC 9162 §2.1.4.2). A proof from size 0 is refused, since every tree extends the empty one.
 */
export function verifyConsistency({ from, to, fromRoot, toRoot, proof }: ConsistencyClaim): void {
  assertSize(from, 'tree size');
  assertSize(to, 'tree size');
  assertHash(fromRoot, 'root');
  assertHash(toRoot, 'root');
  for (const hash of proof) assertHash(hash, 'proof hash');
  if (from === 0) throw new TlogError('consistency_invalid', 'a consistency proof from size 0 proves nothing');
  if (from > to) throw new TlogError('consistency_invalid', 'the tree has shrunk');
  if (from === to) {
    if (proof.length > 0) throw new TlogError('consistency_invalid', 'equal sizes need no proof');
    if (!equalHashes(fromRoot, toRoot)) throw new TlogError('consistency_invalid', 'equal sizes with different roots');
    return;
  }
  verifyGrowth({ from, to, fromRoot, toRoot, proof });
}

function verifyGrowth({ from, to, fromRoot, toRoot, proof }: ConsistencyClaim): void {
  const climb = new Climb(from - 1, to - 1);
  while (climb.node % 2 === 1) climb.up();
  // Node 0 means that the old tree is complete, so its root is the seed and not part of the proof.
  const [seed, ...path] = climb.node === 0 ? [fromRoot, ...proof] : proof;
  if (seed === undefined) throw new TlogError('consistency_invalid', 'the proof is too short');
  let oldHash: Buffer = Buffer.from(seed);
  let newHash: Buffer = Buffer.from(seed);
  for (const sibling of path) {
    if (climb.last === 0) throw new TlogError('consistency_invalid', 'the proof is too long');
    if (climb.siblingIsLeft) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      climb.upWhileLeftChild();
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    climb.up();
  }
  if (climb.last !== 0) throw new TlogError('consistency_invalid', 'the proof is too short');
  if (!equalHashes(oldHash, fromRoot)) throw new TlogError('consistency_invalid', 'the proof starts at another root');
  if (!equalHashes(newHash, toRoot)) throw new TlogError('consistency_invalid', 'the proof leads to another root');
}
