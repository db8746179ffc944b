import {
  type Checkpoint,
  coveringNodes,
  encodeEntryBundle,
  foldSubtrees,
  HASH_SIZE,
  leafHash,
  readCheckpointUnverified,
  TILE_WIDTH,
  TileNodeReader,
  tileWidth,
  TlogError,
} from '@libs/tlog';
import { CannotExport } from './cannot-export';
import type { LogSource, SourceCheckpoint } from './log-source';
import type { StaticLog } from './static-log';

/** Entries between two checkpoints of a long export: what an interruption costs at most. */
const STRIDE = 65_536;
/** Files that are made at the same time. */
const AT_ONCE = 8;

export interface Exported {
  readonly size: number;
  readonly added: number;
}

interface ChangedTile {
  readonly level: number;
  readonly n: number;
  readonly width: number;
  /** It was partial before and is full now. */
  readonly wasPartial: boolean;
}

/**
 * Brings a folder from the checkpoint that it holds, if any, to the latest one: in strides from one checkpoint of the log
 * to another, so that the folder is a whole log all along.
 * @throws CannotExport when the folder holds another log, or the database's own parts do not fit together
 */
export async function exportLog(
  source: LogSource,
  target: StaticLog,
  onProgress: (entries: number, total: number) => void,
): Promise<Exported> {
  const latest = await source.checkpointUpTo(Number.MAX_SAFE_INTEGER);
  if (latest === undefined) throw new CannotExport('the log is empty');
  const before = await sizeBefore(source, target, latest);
  let size = before;
  while (size < latest.size) {
    onProgress(size, latest.size);
    const next = await nextCheckpoint(source, size, latest);
    await advance(source, target, size, next);
    size = next.size;
  }
  return { size, added: size - before };
}

/** Entries that the folder holds already. */
async function sizeBefore(source: LogSource, target: StaticLog, latest: SourceCheckpoint): Promise<number> {
  const note = await target.checkpoint();
  if (note === undefined) return 0;
  const there = parsed(note, `${target.directory} has a checkpoint that cannot be read`);
  const same = await source.checkpointUpTo(there.size);
  if (
    there.size > latest.size ||
    same?.size !== there.size ||
    !isSameTree(there, readCheckpointUnverified(same.note))
  ) {
    throw new CannotExport(`${target.directory} holds another log, or a newer state of this one: take another folder`);
  }
  return there.size;
}

function parsed(note: string, what: string): Checkpoint {
  try {
    return readCheckpointUnverified(note);
  } catch (error) {
    if (error instanceof TlogError) throw new CannotExport(`${what}: ${error.message}`);
    throw error;
  }
}

function isSameTree(a: Checkpoint, b: Checkpoint): boolean {
  return a.origin === b.origin && a.root.equals(b.root);
}

async function nextCheckpoint(source: LogSource, size: number, latest: SourceCheckpoint): Promise<SourceCheckpoint> {
  if (latest.size - size <= STRIDE) return latest;
  const next = await source.checkpointUpTo(size + STRIDE);
  return next !== undefined && next.size > size ? next : latest;
}

async function advance(source: LogSource, target: StaticLog, from: number, to: SourceCheckpoint): Promise<void> {
  const changed = changedTiles(from, to.size);
  for (let i = 0; i < changed.length; i += AT_ONCE) {
    await Promise.all(changed.slice(i, i + AT_ONCE).map((tile) => writeTile(source, target, tile)));
  }
  await assertRoot(target, readCheckpointUnverified(to.note));
  await target.writeCheckpoint(to.note);
  for (const { level, n, width, wasPartial } of changed) {
    if (width < TILE_WIDTH || !wasPartial) continue;
    await target.dropPartialTiles({ level, n });
    if (level === 0) await target.dropPartialTiles({ level: 'entries', n });
  }
}

/** The tiles of a log of `to` entries that one of `from` entries does not have, or has not as wide. */
function changedTiles(from: number, to: number): ChangedTile[] {
  const tiles: ChangedTile[] = [];
  for (let level = 0; tileWidth(level, 0, to) > 0; level += 1) {
    const first = Math.floor(from / TILE_WIDTH ** (level + 1));
    for (let n = first; tileWidth(level, n, to) > 0; n += 1) {
      const before = tileWidth(level, n, from);
      const width = tileWidth(level, n, to);
      if (width !== before) tiles.push({ level, n, width, wasPartial: before > 0 });
    }
  }
  return tiles;
}

async function writeTile(source: LogSource, target: StaticLog, { level, n, width }: ChangedTile): Promise<void> {
  const hashes = await source.tiles.hashes({ level, n, width });
  if (level === 0) {
    const leaves = await source.tiles.leaves(n * TILE_WIDTH, width);
    leaves.forEach((leaf, i) => {
      if (leafHash(leaf).equals(hashes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE))) return;
      throw new CannotExport(`entry ${String(n * TILE_WIDTH + i)} of the database is not the one that was logged`);
    });
    await target.writeTile({ level: 'entries', n, width }, encodeEntryBundle(leaves));
  }
  await target.writeTile({ level, n, width }, hashes);
}

/** The files as they were written lead to what the log signed. */
async function assertRoot(target: StaticLog, { size, root }: Checkpoint): Promise<void> {
  const reader = new TileNodeReader(size, (tile) => target.readTile(tile));
  const edge = await Promise.all(coveringNodes(0, size).map(({ level, index }) => reader.node(level, index)));
  if (foldSubtrees(edge)?.equals(root) !== true) {
    throw new CannotExport(`the tiles of the database do not lead to its checkpoint of ${String(size)} entries`);
  }
}
