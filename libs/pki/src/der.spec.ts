import fc from 'fast-check';
import { DerTag, element, integer, namedBits, oid, sequence, time, unsignedInteger } from './der';
import { DerReader, MalformedDer, oidText, readHeader, setBits, timeValue, unsignedValue } from './der-reader';

const read = (der: Buffer, tag: number) => DerReader.only(der, tag, 'the value');

describe('DER', () => {
  it('reads back every non-negative integer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), (value) => {
        expect(unsignedValue(read(integer(value), DerTag.integer), 'the value')).toBe(value);
      }),
    );
  });

  it('writes unsigned bytes with a sign byte only where it is needed', () => {
    expect(unsignedInteger(Buffer.of(0, 0, 0x7f)).toString('hex')).toBe('02017f');
    expect(unsignedInteger(Buffer.of(0x80)).toString('hex')).toBe('02020080');
    expect(unsignedInteger(Buffer.of()).toString('hex')).toBe('020100');
  });

  it('reads back every object identifier', () => {
    const arc = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 39 }), fc.array(arc), (a, b, rest) => {
        const dotted = [a, b, ...rest].join('.');
        expect(oidText(read(oid(dotted), DerTag.oid), 'the value')).toBe(dotted);
      }),
    );
  });

  it('reads back every list of named bits', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 30 })), (bits) => {
        const sorted = [...bits].sort((left, right) => left - right);
        expect(setBits(read(namedBits(bits), DerTag.bitString), 'the value')).toEqual(sorted);
      }),
    );
  });

  it('reads back every second from 1950 to 9999, in the encoding of its year', () => {
    const dates = fc.date({ min: new Date('1950-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        date.setUTCMilliseconds(0);
        const der = time(date);
        expect(der[0]).toBe(date.getUTCFullYear() < 2050 ? DerTag.utcTime : DerTag.generalizedTime);
        expect(timeValue(DerReader.only(der, der[0] ?? 0, 'the value'), 'the value')).toEqual(date);
      }),
    );
  });

  it.each([0, 127, 128, 255, 256, 65_535, 65_536, 16_777_216])('reads back a length of %d', (length) => {
    const der = element(DerTag.octetString, Buffer.alloc(length));
    expect(read(der, DerTag.octetString).content).toHaveLength(length);
  });

  it.each([
    ['an indefinite length', '3080020100 0000'],
    ['a length that is not minimal', '0281 01 00'],
    ['a long length with a leading zero', '0482 0001 00'],
    ['content that is cut off', '0405 0000'],
    ['a length that is cut off', '0482 01'],
    ['a tag of several bytes', '1f8101 00'],
    ['nothing', ''],
    ['data behind the end', '020100 00'],
  ])('refuses %s', (_what, hex) => {
    const der = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(() => DerReader.only(der, der[0] ?? 0, 'the value')).toThrow(MalformedDer);
  });

  it.each(['02020001', '0202ff80', '0200'])('refuses the integer %s, which is not minimal', (hex) => {
    expect(() => unsignedValue(read(Buffer.from(hex, 'hex'), DerTag.integer), 'the value')).toThrow(MalformedDer);
  });

  it('answers any bytes with an element or with MalformedDer, never with another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          const { start, end } = readHeader(Buffer.from(bytes), 0);
          expect(end).toBeGreaterThanOrEqual(start);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedDer);
        }
      }),
    );
  });

  it('refuses to write what it cannot', () => {
    expect(() => integer(-1)).toThrow(RangeError);
    expect(() => oid('1')).toThrow(RangeError);
    expect(() => time(new Date(8.64e15))).toThrow(RangeError);
    expect(sequence().toString('hex')).toBe('3000');
  });
});
