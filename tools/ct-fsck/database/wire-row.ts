/** A value as PostgreSQL's binary format has it; null for NULL. */
export type WireValue = Buffer | null;

const COUNT_BYTES = 2;
const LENGTH_BYTES = 4;
const NULL_LENGTH = 0xffffffff;
/** PostgreSQL counts microseconds from 2000 on. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

export const wire = {
  int2: (value: number): Buffer => {
    const bytes = Buffer.allocUnsafe(2);
    bytes.writeInt16BE(value);
    return bytes;
  },
  /** Of a number that is exact and not negative. */
  int8: (value: number): Buffer => {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeUInt32BE(Math.floor(value / 2 ** 32));
    bytes.writeUInt32BE(value % 2 ** 32, 4);
    return bytes;
  },
  timestamp: (ms: number): Buffer => {
    const micros = (ms - EPOCH_MS) * 1000;
    const bytes = Buffer.allocUnsafe(8);
    if (Number.isSafeInteger(micros)) {
      const high = Math.floor(micros / 2 ** 32);
      bytes.writeInt32BE(high);
      bytes.writeUInt32BE(micros - high * 2 ** 32, 4);
    } else bytes.writeBigInt64BE(BigInt(ms - EPOCH_MS) * 1000n);
    return bytes;
  },
  text: (value: string): Buffer => Buffer.from(value),
} as const;

/** The tuple of these values, as the server sends it. */
export function encodeRow(values: readonly WireValue[]): Buffer {
  let size = COUNT_BYTES;
  for (const value of values) size += LENGTH_BYTES + (value?.length ?? 0);
  const row = Buffer.allocUnsafe(size);
  let position = row.writeInt16BE(values.length);
  for (const value of values) {
    position = row.writeInt32BE(value?.length ?? -1, position);
    if (value === null) continue;
    row.set(value, position);
    position += value.length;
  }
  return row;
}

/** The values of a tuple; they share its memory. */
export function decodeRow(row: Buffer): WireValue[] {
  const values: WireValue[] = [];
  let position = COUNT_BYTES;
  while (position < row.length) {
    const length = row.readUInt32BE(position);
    position += LENGTH_BYTES;
    if (length === NULL_LENGTH) {
      values.push(null);
      continue;
    }
    values.push(row.subarray(position, position + length));
    position += length;
  }
  return values;
}

/** The number in the first column, an int8; -1 where there is NULL or a number that is too large to be exact. */
export function leadingNumber(row: Buffer): number {
  if (row.readUInt32BE(COUNT_BYTES) !== 8) return -1;
  const high = row.readInt32BE(COUNT_BYTES + LENGTH_BYTES);
  const value = high * 2 ** 32 + row.readUInt32BE(COUNT_BYTES + LENGTH_BYTES + 4);
  return Number.isSafeInteger(value) ? value : -1;
}

export function numberOf(value: WireValue | undefined): number {
  return value?.length === 8 ? Number(value.readBigInt64BE()) : Number.NaN;
}

/** Names of the columns in which two tuples differ. */
export function differingColumns(columns: readonly string[], actual: Buffer, expected: Buffer): string[] {
  const [found, wanted] = [decodeRow(actual), decodeRow(expected)];
  return columns.filter((_, i) => !equal(found[i] ?? null, wanted[i] ?? null));
}

function equal(a: WireValue, b: WireValue): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}
