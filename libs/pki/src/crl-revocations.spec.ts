import fc from 'fast-check';
import { RevocationTable, type RevokedCertificate } from './crl-revocations';
import { TimeReader, TimeWriter, secondsOf } from './crl-time';
import { time } from './der';
import { DerReader, MalformedDer, timeValue } from './der-reader';

const at = (second: number): Date => new Date(second * 1000);

function revoked(serialNumber: string, changes: Partial<RevokedCertificate> = {}): RevokedCertificate {
  return { serialNumber, revokedAt: at(1_700_000_000), reason: 1, ...changes };
}

const find = (table: Pick<RevocationTable, 'find'>, hex: string): number => {
  const bytes = Buffer.from(hex, 'hex');
  return table.find(bytes, 0, bytes.length);
};

const serials = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex'));

describe('the revocation table', () => {
  it('knows what was added to it and nothing else, at the place where it was added', () => {
    fc.assert(
      fc.property(fc.uniqueArray(serials, { maxLength: 300, selector: (hex) => BigInt(`0x${hex}`) }), (added) => {
        const [absent, ...present] = added;
        const table = RevocationTable.of(present.map((serial) => revoked(serial)));
        expect(table.size).toBe(present.length);
        expect(present.map((serial) => find(table, serial))).toEqual(present.map((_, position) => position));
        if (absent !== undefined) expect(find(table, absent)).toBe(-1);
      }),
    );
  });

  it('tells serial numbers apart by value: leading zeros make no other, and only the first of them stands', () => {
    const table = new RevocationTable();
    expect(table.add(revoked('0a01', { reason: 4 }))).toBe(true);
    expect(table.add(revoked('000A01', { reason: 5, revokedAt: at(1) }))).toBe(false);
    expect([table.size, table.reason(0), table.revokedAtSecond(0)]).toEqual([1, 4, 1_700_000_000]);
    expect(find(table, '00000A01')).toBe(0);
    expect(find(table, '11'.repeat(21))).toBe(-1);
  });

  it('finds each of very many that differ in any byte', () => {
    const many = Array.from({ length: 20_000 }, (_, n) => `7${(n * 2 ** 20 + 1).toString(16).padStart(39, '0')}`);
    const table = RevocationTable.of(many.map((serial) => revoked(serial)));
    expect(many.every((serial, position) => find(table, serial) === position)).toBe(true);
  });

  it('keeps what it held in a snapshot', () => {
    const table = RevocationTable.of([revoked('01')]);
    const snapshot = table.snapshot();
    for (let n = 2; n < 255; n += 1) table.add(revoked(n.toString(16).padStart(2, '0')));
    expect([snapshot.size, find(snapshot, '01'), find(snapshot, '02'), find(table, '02')]).toEqual([1, 0, -1, 1]);
  });

  it('lets nothing expire early: fractions of a second count up, and an unknown expiry is none', () => {
    const table = RevocationTable.of([revoked('01', { notAfter: new Date(1_000_500) }), revoked('02')]);
    expect(table.isUnexpiredAt(0, new Date(1_001_000))).toBe(true);
    expect(table.isUnexpiredAt(0, new Date(1_001_001))).toBe(false);
    expect(table.isUnexpiredAt(1, new Date('2100-01-01'))).toBe(true);
  });

  it.each([
    ['a date that has no place in 32 bits', { revokedAt: new Date('2107-01-01') }],
    ['a date before 1970', { revokedAt: at(-1) }],
    ['a reason that does not exist', { reason: 11 }],
    ['no date at all', { revokedAt: new Date(Number.NaN) }],
  ])('refuses %s, and is as it was', (_what, changes) => {
    const table = RevocationTable.of([revoked('01')]);
    expect(() => table.add(revoked('02', changes))).toThrow(RangeError);
    expect([table.size, find(table, '02')]).toEqual([1, -1]);
  });
});

const seconds = fc.integer({ min: 0, max: 0xffff_ffff });

describe('times in great number', () => {
  it('are written as the writer of single ones does, and read back', () => {
    const [writer, reader] = [new TimeWriter(), new TimeReader()];
    fc.assert(
      fc.property(seconds, (second) => {
        const buffer = Buffer.alloc(17);
        const written = buffer.subarray(0, writer.write(buffer, 0, second));
        expect(written).toEqual(time(at(second)));
        expect(reader.read(written, 0)).toBe(second);
        expect(secondsOf(at(second))).toBe(second);
      }),
    );
  });

  it('are read as the reader of single ones does, or refused', () => {
    const reader = new TimeReader();
    const near = fc.tuple(seconds, fc.nat(14), fc.nat(255)).map(([second, place, byte]) => {
      const der = time(at(second));
      der[2 + (place % (der.length - 2))] = byte;
      return der;
    });
    fc.assert(
      fc.property(near, (der) => {
        const single = outcome(() => timeValue(new DerReader(der).any('a time'), 'a time').getTime() / 1000);
        expect(['malformed', single]).toContain(outcome(() => reader.read(der, 0)));
      }),
      { numRuns: 2_000 },
    );
  });
});

it.each([
  ['a year that is short enough for two digits', '20491231235959Z'],
  ['a day that does not exist', '20510229000000Z'],
  ['a month that does not exist', '20511301000000Z'],
  ['an hour that does not exist', '20510101240000Z'],
  ['an offset', '20510101000000+'],
])('a time is refused with %s', (_what, text) => {
  const der = Buffer.concat([Buffer.of(0x18, text.length), Buffer.from(text)]);
  expect(outcome(() => new TimeReader().read(der, 0))).toBe('malformed');
});

function outcome(read: () => number): number | 'malformed' {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedDer) return 'malformed';
    throw error;
  }
}
