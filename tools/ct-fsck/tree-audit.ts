import { Frontier, HASH_SIZE, TILE_HEIGHT, TILE_WIDTH } from '@libs/tlog';
import type { RowSource } from './database/row-source';
import { decodeRow, encodeRow, numberOf, wire } from './database/wire-row';
import { LOWEST_TILES, UPPER_TILES } from './expected-rows';
import type { Findings } from './findings';
import { Projection } from './projection';

const TABLE = LOWEST_TILES.table;

/**
 * Grows the Merkle tree from the leaf hashes and holds the stored tiles against it: those of the lowest level as they
 * fill, the few above them in the end.
 */
export class TreeAudit {
  readonly frontier = Frontier.empty();
  private readonly rows: Buffer[][] = [];
  private readonly lowest: Projection;
  private readonly upperExpected = new Map<string, Buffer>();
  private upperConfirmed = 0;

  constructor(
    lowest: RowSource,
    private readonly openUpper: () => Promise<RowSource>,
    private readonly findings: Findings,
  ) {
    const indexOf = (n: number) => `0/${n}`;
    this.lowest = new Projection({ table: TABLE, columns: LOWEST_TILES.columns, rows: lowest, findings, indexOf });
  }

  get tiles(): number {
    return this.lowest.confirmed + this.upperConfirmed;
  }

  /** A promise only where a tile is full and has to be compared. */
  append(leafHash: Buffer): Promise<void> | undefined {
    let filled: Buffer | undefined;
    this.frontier.append(leafHash, ({ level, index }, hash) => {
      if (level % TILE_HEIGHT !== 0) return;
      const tileLevel = level / TILE_HEIGHT;
      (this.rows[tileLevel] ??= []).push(hash);
      if (tileLevel === 0) return;
      const row = this.tileRow(tileLevel - 1, index, hash);
      if (tileLevel === 1) filled = row;
      else this.upperExpected.set(`${tileLevel - 1}/${index}`, row);
    });
    return filled && this.lowest.expect(this.frontier.size / TILE_WIDTH - 1, filled);
  }

  async finish(): Promise<void> {
    await this.lowest.finish();
    const upper = await this.openUpper();
    for (let row = await upper.next(); row !== undefined; row = await upper.next()) this.compareUpper(row);
    for (const index of this.upperExpected.keys()) {
      this.report(index, 'row_missing', 'a full tile is not stored');
    }
  }

  /** The full tile whose root has just been computed; its hashes are the row beneath that is now complete. */
  private tileRow(level: number, n: number, root: Buffer): Buffer {
    const hashes = Buffer.concat(this.rows[level] ?? [], TILE_WIDTH * HASH_SIZE);
    this.rows[level] = [];
    return encodeRow([wire.int8(n), wire.int2(level), hashes, root]);
  }

  private compareUpper(row: Buffer): void {
    const [n, level] = decodeRow(row);
    const index = `${level?.readInt16BE() ?? '?'}/${numberOf(n)}`;
    const expected = this.upperExpected.get(index);
    this.upperExpected.delete(index);
    if (expected === undefined) this.report(index, 'row_unfounded', 'the log has no such full tile');
    else if (!row.equals(expected)) this.report(index, 'row_differs', 'hashes or root not as the leaves say');
    else this.upperConfirmed += 1;
  }

  private report(index: string, code: string, detail: string): void {
    this.findings.add({ table: UPPER_TILES.table, index, code, detail });
  }
}
