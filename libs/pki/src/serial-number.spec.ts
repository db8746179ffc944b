import { fingerprintOf, parseFingerprint } from './fingerprint';
import { isSerialNumber, newSerialNumber, parseSerialNumber, serialNumberBytes } from './serial-number';

describe('serial numbers', () => {
  it('are 20 bytes, positive and without a leading zero byte', () => {
    for (let count = 0; count < 2000; count += 1) {
      const bytes = serialNumberBytes(newSerialNumber());
      expect(bytes).toHaveLength(20);
      expect(bytes[0]).toBeGreaterThan(0);
      expect(bytes[0]).toBeLessThan(0x80);
    }
  });

  it('do not repeat', () => {
    expect(new Set(Array.from({ length: 1000 }, newSerialNumber)).size).toBe(1000);
  });

  it.each([
    '',
    '7F',
    'a'.repeat(40),
    `8${'0'.repeat(39)}`,
    `00${'1'.repeat(38)}`,
    ` ${'1'.repeat(40)}`,
    '1'.repeat(41),
  ])('refuses %j', (text) => {
    expect(isSerialNumber(text)).toBe(false);
    expect(() => parseSerialNumber(text)).toThrow(RangeError);
  });
});

describe('fingerprints', () => {
  it('are the SHA-256 in lower case', () => {
    expect(fingerprintOf(Buffer.from('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it.each(['', 'ab', 'A'.repeat(64), `${'a'.repeat(64)}\n`])('refuses %j', (text) => {
    expect(() => parseFingerprint(text)).toThrow(RangeError);
  });
});
