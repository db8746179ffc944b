import { assertHash, assertSize, EMPTY_ROOT, HASH_SIZE, nodeHash } from './merkle';
import { coveringNodes, foldSubtrees, type NodeId } from './subtrees';
import { TlogError } from './tlog-error';

/** Told of every complete subtree that an append finishes, the new leaf's own hash included. */
export type NodeListener = (node: NodeId, hash: Buffer) => void;

interface Peak {
  readonly level: number;
  readonly hash: Buffer;
}

/**
 * The right edge of a Merkle tree: the roots of its complete subtrees, largest first, which is all that appending
 * and computing the root need. Mutable; `clone` before trying a batch that may be given up.
 */
export class Frontier {
  private constructor(
    private leaves: number,
    private readonly peaks: Peak[],
  ) {}

  static empty(): Frontier {
    return new Frontier(0, []);
  }

  /** Reads what `serialize` wrote; refused when the number of hashes is not the one that `size` calls for. */
  static deserialize(size: number, bytes: Uint8Array): Frontier {
    assertSize(size, 'tree size');
    const nodes = coveringNodes(0, size);
    if (bytes.length !== nodes.length * HASH_SIZE) {
      throw new TlogError('malformed_hash', `a frontier of size ${size} must have ${nodes.length} hashes`);
    }
    const hashes = Buffer.from(bytes);
    return new Frontier(
      size,
      nodes.map(({ level }, i) => ({ level, hash: hashes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE) })),
    );
  }

  get size(): number {
    return this.leaves;
  }

  /** The complete subtrees that make up the edge, largest first. */
  nodes(): { readonly node: NodeId; readonly hash: Buffer }[] {
    const ids = coveringNodes(0, this.leaves);
    return this.peaks.flatMap(({ hash }, i) => {
      const node = ids[i];
      return node === undefined ? [] : [{ node, hash }];
    });
  }

  append(leafHash: Uint8Array, onNode?: NodeListener): void {
    assertHash(leafHash, 'leaf hash');
    assertSize(this.leaves + 1, 'tree size');
    let peak: Peak = { level: 0, hash: Buffer.from(leafHash) };
    let index = this.leaves;
    onNode?.({ level: 0, index }, peak.hash);
    for (let left = this.peaks.at(-1); left?.level === peak.level; left = this.peaks.at(-1)) {
      this.peaks.pop();
      peak = { level: peak.level + 1, hash: nodeHash(left.hash, peak.hash) };
      index = (index - 1) / 2;
      onNode?.({ level: peak.level, index }, peak.hash);
    }
    this.peaks.push(peak);
    this.leaves += 1;
  }

  root(): Buffer {
    return foldSubtrees(this.peaks.map(({ hash }) => hash)) ?? Buffer.from(EMPTY_ROOT);
  }

  /** The hashes one after the other, largest subtree first. */
  serialize(): Buffer {
    return Buffer.concat(this.peaks.map(({ hash }) => hash));
  }

  clone(): Frontier {
    return new Frontier(this.leaves, [...this.peaks]);
  }
}
