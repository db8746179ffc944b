import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  assembleProof,
  type BuiltTile,
  decodeLeaf,
  encodeEntryBundle,
  encodeLeaf,
  Frontier,
  generateNoteKey,
  type Leaf,
  leafExtra,
  leafHash,
  type NodeId,
  type NoteSigner,
  planConsistency,
  planInclusion,
  printReceipt,
  printTilePath,
  printVerifierKey,
  signCheckpoint,
  TILE_WIDTH,
  TileBuilder,
} from '@libs/tlog';

/** A log in memory that signs whatever it is given, the false included. */
export class TestLog {
  readonly leaves: Buffer[] = [];
  private readonly roots = [Frontier.empty().root()];
  private readonly frontier = Frontier.empty();
  private readonly nodes = new Map<string, Buffer>();

  constructor(readonly signer = generateNoteKey('log.example/vpn')) {}

  get key(): string {
    return printVerifierKey(this.signer.verifier);
  }

  get size(): number {
    return this.leaves.length;
  }

  /** Answers the index. */
  append(leaf: Leaf | Buffer): number {
    const bytes = Buffer.isBuffer(leaf) ? leaf : encodeLeaf(leaf);
    this.frontier.append(leafHash(bytes), ({ level, index }, hash) => this.nodes.set(`${level}/${index}`, hash));
    this.roots.push(this.frontier.root());
    return this.leaves.push(bytes) - 1;
  }

  checkpoint(size = this.size, signers: readonly NoteSigner[] = [this.signer]): string {
    const root = this.roots[size];
    if (root === undefined) throw new Error('the test log has not got that far');
    return signCheckpoint({ origin: this.signer.name, size, root }, signers);
  }

  receipt(index: number, size = this.size): string {
    const proof = assembleProof(planInclusion(index, size), (node) => this.node(node));
    const leaf = decodeLeaf(this.leaves[index] ?? Buffer.of());
    return printReceipt({ extra: leafExtra(leaf), index, proof, checkpoint: this.checkpoint(size) });
  }

  consistency(from: number, to = this.size): Buffer[] {
    return assembleProof(planConsistency(from, to), (node) => this.node(node));
  }

  /** The log as static files, with the partial tiles that its size calls for. */
  async export(folder: string): Promise<void> {
    const builder = new TileBuilder();
    for (const leaf of this.leaves) {
      for (const tile of builder.append(leafHash(leaf))) await writeTile(folder, tile);
    }
    for (const tile of builder.partialTiles()) await writeTile(folder, tile);
    for (let n = 0; n * TILE_WIDTH < this.size; n += 1) {
      const leaves = this.leaves.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH);
      const path = printTilePath({ level: 'entries', n, width: leaves.length });
      await write(join(folder, path), encodeEntryBundle(leaves));
    }
    await write(join(folder, 'checkpoint'), this.checkpoint());
  }

  private node({ level, index }: NodeId): Buffer {
    const hash = this.nodes.get(`${level}/${index}`);
    if (hash === undefined) throw new Error('the test log has no such node');
    return hash;
  }
}

async function writeTile(folder: string, { tile, hashes }: BuiltTile): Promise<void> {
  await write(join(folder, printTilePath(tile)), hashes);
}

async function write(path: string, content: Buffer | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
