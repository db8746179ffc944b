/** Element types, by the numbers that PostgreSQL knows them by. */
const ELEMENT_TYPES = { bytea: 17, int2: 21, text: 25 } as const;

const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;

/**
 * An array parameter as PostgreSQL sends arrays over the wire. As text each byte of a leaf would be two digits, to be
 * written here and read there; this way they are copied.
 */
export function binaryArray(type: keyof typeof ELEMENT_TYPES, elements: readonly (Uint8Array | null)[]): Buffer {
  const bytes = elements.reduce((total, element) => total + LENGTH_BYTES + (element?.length ?? 0), HEADER_BYTES);
  const buffer = Buffer.allocUnsafe(bytes);
  // One dimension, perhaps with nulls, of this type, so many elements, counted from 1.
  [1, 1, ELEMENT_TYPES[type], elements.length, 1].forEach((number, i) => buffer.writeInt32BE(number, i * LENGTH_BYTES));
  let position = HEADER_BYTES;
  for (const element of elements) {
    position = buffer.writeInt32BE(element?.length ?? -1, position);
    if (element === null) continue;
    buffer.set(element, position);
    position += element.length;
  }
  return buffer;
}
