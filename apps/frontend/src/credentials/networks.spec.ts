import fc from 'fast-check';
import { isNetwork, liesWithin } from './networks';

describe('networks', () => {
  it.each(['10.0.0.0/8', '0.0.0.0/0', '192.0.2.1', '2001:db8::/32', '::/0', '::1', '2001:db8::1/128'])(
    'are %s',
    (text) => {
      expect(isNetwork(text)).toBe(true);
    },
  );

  it.each([
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    '::/129',
    'fe80::1%eth0',
    '10.0.0.0/-1',
    '10.0.0.0/8 ',
    'host',
    '1.2.3.4/08a',
  ])('are not %j', (text) => {
    expect(isNetwork(text)).toBe(false);
  });

  it.each([
    ['10.1.2.3', ['10.0.0.0/8'], true],
    ['11.1.2.3', ['10.0.0.0/8'], false],
    ['::ffff:10.1.2.3', ['10.0.0.0/8'], true],
    ['10.1.2.3', ['192.0.2.0/24', '10.1.2.3'], true],
    ['10.1.2.4', ['10.1.2.3'], false],
    ['2001:db8::7', ['2001:db8::/32'], true],
    ['2001:db9::7', ['2001:db8::/32'], false],
    ['fe80::1%eth0', ['fe80::/10'], true],
    ['10.1.2.3', ['::/0'], false],
    ['2001:db8::7', ['0.0.0.0/0'], false],
    ['unknown', ['0.0.0.0/0', '::/0'], false],
    [undefined, ['0.0.0.0/0'], false],
    ['10.1.2.3', [], false],
  ])('%s in %j: %s', (address, list, expected) => {
    expect(liesWithin(list, address)).toBe(expected);
  });

  it('compare as many bits as the prefix says', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const address = fc.tuple(octet, octet, octet, octet);
    const valueOf = (octets: readonly number[]) => octets.reduce((sum, part) => sum * 256 + part, 0);
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: 32 }), (one, other, bits) => {
        const size = 2 ** (32 - bits);
        const same = Math.floor(valueOf(one) / size) === Math.floor(valueOf(other) / size);
        expect(liesWithin([`${one.join('.')}/${String(bits)}`], other.join('.'))).toBe(same);
      }),
    );
  });
});
