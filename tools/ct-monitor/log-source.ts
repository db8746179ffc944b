import type { JsonClient } from '@libs/contracts';
import { decodeEntryBundle, printTilePath, TILE_WIDTH, type TileId, TileNodeReader, tileWidth } from '@libs/tlog';

interface ConsistencyAnswer {
  readonly hashes: readonly string[];
}

/** The log as its readers see it over HTTP; nothing of what it answers is believed. */
export class LogSource {
  constructor(private readonly http: JsonClient) {}

  async checkpoint(): Promise<string> {
    return this.http.text('/checkpoint');
  }

  async consistency(from: number, to: number): Promise<Buffer[]> {
    const { hashes } = await this.http.get<ConsistencyAnswer>('/api/v1/proofs/consistency', { from, to });
    return hashes.map((hash) => Buffer.from(hash, 'base64'));
  }

  /** The leaves of bundle `n` in the log of this size. */
  async leaves(n: number, size: number): Promise<Buffer[]> {
    return decodeEntryBundle(await this.tile({ level: 'entries', n, width: tileWidth(0, n, size) }));
  }

  /** One leaf of the log of this size; whether it is the one must be proven. */
  async leaf(index: number, size: number): Promise<Buffer | undefined> {
    return (await this.leaves(Math.floor(index / TILE_WIDTH), size))[index % TILE_WIDTH];
  }

  /** Reads the hashes of proofs from tiles. */
  nodes(size: number): TileNodeReader {
    return new TileNodeReader(size, (tile) => this.tile(tile));
  }

  private async tile(tile: TileId): Promise<Buffer> {
    return this.http.bytes(`/${printTilePath(tile)}`);
  }
}
