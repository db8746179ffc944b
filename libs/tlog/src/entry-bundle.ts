import { TILE_WIDTH } from './tiles';
import { TlogError } from './tlog-error';

const LENGTH_BYTES = 2;
const MAX_ENTRY_BYTES = 0xffff;

function malformed(reason: string): TlogError {
  return new TlogError('malformed_bundle', reason);
}

function assertCount(count: number): void {
  if (count < 1 || count > TILE_WIDTH) throw malformed(`a bundle must hold 1 to ${TILE_WIDTH} leaves`);
}

/** The leaves beneath one tile of level 0, each behind its length as a big-endian uint16 (C2SP tlog-tiles). */
export function encodeEntryBundle(leaves: readonly Uint8Array[]): Buffer {
  assertCount(leaves.length);
  return Buffer.concat(
    leaves.flatMap((leaf) => {
      if (leaf.length > MAX_ENTRY_BYTES) throw malformed(`a leaf must not exceed ${MAX_ENTRY_BYTES} bytes`);
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(leaf.length);
      return [length, leaf];
    }),
  );
}

/** Strict inverse of `encodeEntryBundle`. The leaves share memory with `bytes`, and what is in them is not looked at. */
export function decodeEntryBundle(bytes: Buffer): Buffer[] {
  const leaves: Buffer[] = [];
  let position = 0;
  while (position < bytes.length) {
    const start = position + LENGTH_BYTES;
    if (start > bytes.length) throw malformed('the bundle ends inside a length');
    position = start + bytes.readUInt16BE(position);
    if (position > bytes.length) throw malformed('the bundle ends inside a leaf');
    leaves.push(bytes.subarray(start, position));
  }
  assertCount(leaves.length);
  return leaves;
}
