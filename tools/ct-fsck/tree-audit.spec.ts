import { createHash } from 'node:crypto';
import { type BuiltTile, Frontier, HASH_SIZE, TileBuilder } from '@libs/tlog';
import type { RowSource } from './database/row-source';
import { encodeRow, wire } from './database/wire-row';
import { Findings } from './findings';
import { TreeAudit } from './tree-audit';

const SIZE = 2 * 65_536 + 300;

function rowsOf(rows: readonly Buffer[]): RowSource {
  let position = 0;
  return {
    get head() {
      return rows[position];
    },
    get isDone() {
      return position >= rows.length;
    },
    peek: () => Promise.resolve(rows[position]),
    skip: () => {
      position += 1;
    },
    next: () => {
      position += 1;
      return Promise.resolve(rows[position - 1]);
    },
  };
}

function tileRow({ tile: { level, n }, hashes }: BuiltTile): Buffer {
  const row = Frontier.empty();
  for (let at = 0; at < hashes.length; at += HASH_SIZE) row.append(hashes.subarray(at, at + HASH_SIZE));
  return encodeRow([wire.int8(n), wire.int2(level), hashes, row.root()]);
}

function built(): { hashes: Buffer[]; lowest: Buffer[]; upper: Buffer[] } {
  const builder = new TileBuilder();
  const hashes = Array.from({ length: SIZE }, (_, i) => createHash('sha256').update(String(i)).digest());
  const tiles = hashes.flatMap((hash) => builder.append(hash));
  return {
    hashes,
    lowest: tiles.filter(({ tile }) => tile.level === 0).map(tileRow),
    upper: tiles.filter(({ tile }) => tile.level > 0).map(tileRow),
  };
}

async function audit(hashes: readonly Buffer[], lowest: readonly Buffer[], upper: readonly Buffer[]) {
  const findings = new Findings();
  const tree = new TreeAudit(rowsOf(lowest), () => Promise.resolve(rowsOf(upper)), findings);
  for (const hash of hashes) await tree.append(hash);
  await tree.finish();
  return { tiles: tree.tiles, found: findings.things.listed.map(({ code, index }) => `${code} ${index}`) };
}

describe('the tree audit', () => {
  const { hashes, lowest, upper } = built();

  it('makes the tiles of all levels anew', async () => {
    expect(upper).toHaveLength(2);
    expect(await audit(hashes, lowest, upper)).toEqual({ tiles: 513 + 2, found: [] });
  });

  it('finds an upper tile that is changed, missing or too many', async () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = upper;
    const changed = Buffer.from(second);
    changed[100] = (changed[100] ?? 0) ^ 1;
    const tooMany = encodeRow([wire.int8(7), wire.int2(1), Buffer.alloc(8192), Buffer.alloc(32)]);
    const { found } = await audit(hashes, lowest, [changed, tooMany]);
    expect(found).toEqual(['row_differs 1/1', 'row_unfounded 1/7', 'row_missing 1/0']);
    expect((await audit(hashes, lowest, [first])).found).toEqual(['row_missing 1/1']);
  });
});
