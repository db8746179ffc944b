/** A serial number as the CRL's reader writes it: upper-case hexadecimal of whole bytes, without leading zero bytes. */
export function serialText(bytes: Buffer): string {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  return bytes.subarray(start).toString('hex').toUpperCase();
}
