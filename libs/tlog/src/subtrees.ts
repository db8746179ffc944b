import { nodeHash } from './merkle';

/**
 * A complete subtree: level 0 is a leaf hash, and node (level, index) stands over the leaves
 * index · 2^level up to, not including, (index + 1) · 2^level.
 */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** Largest power of two that is smaller than n, for n > 1: where RFC 9162 splits a tree. */
export function splitPoint(n: number): number {
  let power = 1;
  // Doubling and dividing, since the shift operators would cut sizes to 32 bits.
  while (power * 2 < n) power *= 2;
  return power;
}

/**
 * The complete subtrees, largest first, that together cover the leaves from `start` up to `end`.
 * `start` must be a multiple of the largest power of two in `end - start`, as it is for every range of a Merkle tree.
 */
export function coveringNodes(start: number, end: number): NodeId[] {
  const nodes: NodeId[] = [];
  let position = start;
  while (position < end) {
    let level = 0;
    let width = 1;
    while (position + width * 2 <= end) {
      width *= 2;
      level += 1;
    }
    nodes.push({ level, index: position / width });
    position += width;
  }
  return nodes;
}

/** Root over complete subtrees of falling size: the smaller ones on the right are hashed first. */
export function foldSubtrees(hashes: readonly Uint8Array[]): Buffer | undefined {
  const last = hashes.at(-1);
  if (last === undefined) return undefined;
  let root: Buffer = Buffer.from(last);
  for (let i = hashes.length - 2; i >= 0; i -= 1) {
    const left = hashes[i];
    if (left !== undefined) root = nodeHash(left, root);
  }
  return root;
}
