import { decodeLeaf, type IssuedLeaf, leafHash, proveInclusion, TlogError, verifyInclusion } from '@libs/tlog';
import { alarming } from './alarm';
import type { LogSource } from './log-source';

/** What a CRL is compared by. */
export interface IssuedFacts {
  /** Upper-case hex. */
  readonly serial: string;
  readonly notAfter: number;
}

export interface Tree {
  readonly size: number;
  readonly root: Buffer;
}

const SERIAL_BYTES = 20;
const RECORD_BYTES = SERIAL_BYTES + 8;
const RECORDS = 4096;

/**
 * Serial numbers and ends of validity by index. Those of the entries that were read since the start are held, in 28 bytes
 * each; an older one is fetched again, and must be proven to stand in the tree.
 */
export class IssuedCertificates {
  private readonly chunks: Buffer[] = [];
  private count = 0;

  constructor(
    private readonly first: number,
    private readonly source: LogSource,
  ) {}

  /** The next entry; undefined stands for one that is not about issuing. */
  add(leaf: IssuedLeaf | undefined): void {
    if (this.count % RECORDS === 0) this.chunks.push(Buffer.alloc(RECORDS * RECORD_BYTES));
    const record = this.record(this.count);
    this.count += 1;
    if (leaf === undefined) return;
    record.set(leaf.serial);
    record.writeBigUInt64BE(BigInt(leaf.notAfter), SERIAL_BYTES);
  }

  /** @throws Alarming when there is no such issued certificate, or none that can be proven */
  async find(index: number, tree: Tree): Promise<IssuedFacts> {
    if (index < this.first) return this.fetch(index, tree);
    if (index >= this.first + this.count) throw notIssued(index);
    const record = this.record(index - this.first);
    const serial = record.subarray(0, SERIAL_BYTES);
    if (serial.every((byte) => byte === 0)) throw notIssued(index);
    return { serial: hex(serial), notAfter: Number(record.readBigUInt64BE(SERIAL_BYTES)) };
  }

  private async fetch(index: number, { size, root }: Tree): Promise<IssuedFacts> {
    const bytes = await this.source.leaf(index, size);
    if (bytes === undefined) throw notIssued(index);
    const proof = await proveInclusion(index, size, this.source.nodes(size));
    try {
      verifyInclusion({ index, size, leafHash: leafHash(bytes), proof, root });
    } catch (error) {
      if (error instanceof TlogError) throw alarming('entries_differ', `entry ${index} is not the one that was signed`);
      throw error;
    }
    const leaf = decodeLeaf(bytes);
    if (leaf.type !== 'issued') throw notIssued(index);
    return { serial: hex(leaf.serial), notAfter: leaf.notAfter };
  }

  private record(position: number): Buffer {
    const start = (position % RECORDS) * RECORD_BYTES;
    const chunk = this.chunks[Math.floor(position / RECORDS)];
    if (chunk === undefined) throw new RangeError('no entry has this position');
    return chunk.subarray(start, start + RECORD_BYTES);
  }
}

function notIssued(index: number) {
  return alarming('entry_invalid', `a revocation names entry ${index}, which issued no certificate`);
}

function hex(serial: Buffer): string {
  return serial.toString('hex').toUpperCase();
}
