import { assertHash, assertSize } from './merkle';
import { coveringNodes, foldSubtrees, type NodeId, splitPoint } from './subtrees';
import { TlogError } from './tlog-error';

/** Where proofs get the hashes of complete subtrees from: memory, tiles, a database. */
export interface NodeReader {
  node(level: number, index: number): Promise<Uint8Array>;
}

/** What a proof is made of: for each of its hashes the complete subtrees that it folds. */
export type ProofPlan = readonly (readonly NodeId[])[];

/** Plan of the inclusion proof of leaf `index` in the tree of `size` leaves (RFC 9162 §2.1.3.1). */
export function planInclusion(index: number, size: number): ProofPlan {
  assertSize(index, 'index');
  assertSize(size, 'tree size');
  if (index >= size) throw new TlogError('invalid_argument', `index ${index} is outside a tree of size ${size}`);
  const plan: NodeId[][] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      plan.push(coveringNodes(middle, end));
      end = middle;
    } else {
      plan.push(coveringNodes(start, middle));
      start = middle;
    }
  }
  // The walk goes from the root down; a proof lists the leaf's sibling first.
  return plan.reverse();
}

/** Plan of the proof that the tree of `to` leaves extends that of `from` leaves (RFC 9162 §2.1.4.1). */
export function planConsistency(from: number, to: number): ProofPlan {
  assertSize(from, 'tree size');
  assertSize(to, 'tree size');
  if (from === 0) throw new TlogError('invalid_argument', 'a consistency proof from size 0 would prove nothing');
  if (from > to) throw new TlogError('invalid_argument', `a tree of size ${to} cannot extend one of size ${from}`);
  const plan: NodeId[][] = [];
  let start = 0;
  let end = to;
  while (from !== end) {
    const middle = start + splitPoint(end - start);
    if (from <= middle) {
      plan.push(coveringNodes(middle, end));
      end = middle;
    } else {
      plan.push(coveringNodes(start, middle));
      start = middle;
    }
  }
  // Where the old tree is a complete subtree of the new one, the verifier knows its root already.
  if (start !== 0) plan.push(coveringNodes(start, end));
  return plan.reverse();
}

/** Turns a plan into the proof's hashes, for callers that have the nodes at hand. */
export function assembleProof(plan: ProofPlan, lookup: (node: NodeId) => Uint8Array): Buffer[] {
  return plan.map((nodes) => {
    const folded = foldSubtrees(nodes.map(lookup));
    if (folded === undefined) throw new TlogError('invalid_argument', 'a proof step without nodes');
    return folded;
  });
}

async function readProof(plan: ProofPlan, reader: NodeReader): Promise<Buffer[]> {
  const hashes = await Promise.all(
    plan.map((nodes) =>
      Promise.all(
        nodes.map(async ({ level, index }) => {
          const hash = await reader.node(level, index);
          assertHash(hash, `node ${level}/${index}`);
          return hash;
        }),
      ),
    ),
  );
  return hashes.map((step) => {
    const folded = foldSubtrees(step);
    if (folded === undefined) throw new TlogError('invalid_argument', 'a proof step without nodes');
    return folded;
  });
}

export async function proveInclusion(index: number, size: number, reader: NodeReader): Promise<Buffer[]> {
  return readProof(planInclusion(index, size), reader);
}

/** Empty when both sizes are equal. */
export async function proveConsistency(from: number, to: number, reader: NodeReader): Promise<Buffer[]> {
  return readProof(planConsistency(from, to), reader);
}
