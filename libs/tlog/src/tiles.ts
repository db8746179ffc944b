import { assertHash, assertSize, HASH_SIZE, nodeHash } from './merkle';
import type { NodeReader, ProofPlan } from './proofs';
import type { NodeId } from './subtrees';
import { TlogError } from './tlog-error';

/** Levels of the tree that one tile spans; its lowest row is what is stored. */
export const TILE_HEIGHT = 8;
/** Hashes in a full tile. */
export const TILE_WIDTH = 256;

/** A tile, or with level `entries` the bundle of leaves beneath a tile of level 0. Width 256 is a full one. */
export interface TileId {
  readonly level: number | 'entries';
  readonly n: number;
  readonly width: number;
}

const MAX_TILE_LEVEL = 63;

/** Path without a leading slash, as C2SP tlog-tiles spells it: `tile/0/x001/234` or `tile/0/x001/234.p/17`. */
export function printTilePath({ level, n, width }: TileId): string {
  assertSize(n, 'tile number');
  if (level !== 'entries' && !(Number.isInteger(level) && level >= 0 && level <= MAX_TILE_LEVEL)) {
    throw new TlogError('malformed_tile_path', `a tile's level must be 0 to ${MAX_TILE_LEVEL}`);
  }
  if (!(Number.isInteger(width) && width >= 1 && width <= TILE_WIDTH)) {
    throw new TlogError('malformed_tile_path', `a tile's width must be 1 to ${TILE_WIDTH}`);
  }
  const digits = String(n);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/.{3}/g) ?? [];
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** Strict inverse of `printTilePath`: any other spelling of the same tile is refused. */
export function parseTilePath(path: string): TileId {
  const match = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  const [, level, groups, width] = match ?? [];
  if (level === undefined || groups === undefined) throw new TlogError('malformed_tile_path', 'not a tile path');
  const tile: TileId = {
    level: level === 'entries' ? level : Number(level),
    n: Number(groups.replace(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  if (!Number.isSafeInteger(tile.n) || printTilePath(tile) !== path) {
    throw new TlogError('malformed_tile_path', 'not a canonical tile path');
  }
  return tile;
}

/** Width that a tile has in a tree of the given size: 256 for a full tile, 0 for one that does not exist. */
export function tileWidth(level: number, n: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - n * TILE_WIDTH));
}

/** The tile whose stored row lies at or beneath a node, and the run of that row's hashes which the node covers. */
export function tileOfNode({ level, index }: NodeId): { level: number; n: number; start: number; count: number } {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const count = 2 ** (level % TILE_HEIGHT);
  const first = index * count;
  return { level: tileLevel, n: Math.floor(first / TILE_WIDTH), start: first % TILE_WIDTH, count };
}

/** The tiles, each once, that have to be read for a proof in a tree of the given size. */
export function tilesForPlan(plan: ProofPlan, size: number): TileId[] {
  const tiles = new Map<string, TileId>();
  for (const node of plan.flat()) {
    const { level, n } = tileOfNode(node);
    const tile = { level, n, width: tileWidth(level, n, size) };
    tiles.set(printTilePath(tile), tile);
  }
  return [...tiles.values()];
}

/** Hash of a node from the stored row of the tile it lies in; partial tiles serve as far as they reach. */
export function nodeFromTile(node: NodeId, hashes: Uint8Array): Buffer {
  const { start, count } = tileOfNode(node);
  const row = Buffer.from(hashes).subarray(start * HASH_SIZE, (start + count) * HASH_SIZE);
  if (row.length !== count * HASH_SIZE) throw new TlogError('invalid_argument', 'the tile does not reach that far');
  return rowRoot(row);
}

function rowRoot(row: Buffer): Buffer {
  let hashes: Buffer[] = [];
  for (let at = 0; at < row.length; at += HASH_SIZE) hashes.push(row.subarray(at, at + HASH_SIZE));
  while (hashes.length > 1) {
    const parents: Buffer[] = [];
    for (let i = 0; i + 1 < hashes.length; i += 2) {
      const [left, right] = [hashes[i], hashes[i + 1]];
      if (left !== undefined && right !== undefined) parents.push(nodeHash(left, right));
    }
    hashes = parents;
  }
  const [root] = hashes;
  if (root === undefined) throw new TlogError('invalid_argument', 'an empty row has no root');
  assertHash(root, 'tile hash');
  return Buffer.from(root);
}

/** Reads nodes through a source of tile rows; each tile is asked for once. */
export class TileNodeReader implements NodeReader {
  private readonly rows = new Map<string, Promise<Uint8Array>>();

  /** `readTile` answers the row of a tile in the tree of this size, full or partial. */
  constructor(
    private readonly size: number,
    private readonly readTile: (tile: TileId & { readonly level: number }) => Promise<Uint8Array>,
  ) {}

  async node(level: number, index: number): Promise<Buffer> {
    const place = tileOfNode({ level, index });
    const tile = { level: place.level, n: place.n, width: tileWidth(place.level, place.n, this.size) };
    const key = printTilePath(tile);
    const row = this.rows.get(key) ?? this.readTile(tile);
    this.rows.set(key, row);
    return nodeFromTile({ level, index }, await row);
  }
}
