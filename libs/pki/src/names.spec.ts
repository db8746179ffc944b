import fc from 'fast-check';
import { MalformedDer } from './der-reader';
import { InvalidName, isDnsName, nameDer, onlyCommonName, parseCommonName, parseDnsName } from './names';

describe('common names', () => {
  it.each([
    'a',
    'Ada Lovelace',
    'ada@example.org',
    'Zoë Müller',
    '李小龍',
    'a;rm -rf',
    '..',
    'x'.repeat(64),
    '😀'.repeat(64),
  ])('accepts %j', (name) => {
    expect(parseCommonName(name)).toBe(name);
  });

  it.each([
    ['nothing', ''],
    ['65 characters', 'x'.repeat(65)],
    ['a line break', 'a\nup /bin/sh'],
    ['a carriage return', 'a\rb'],
    ['a null', 'a\0b'],
    ['an escape', 'a\x1b[2J'],
    ['a C1 control', 'a\x85b'],
    ['a line separator', 'a\u2028b'],
    ['a bidi override', 'a\u202eb'],
    ['a zero-width space', 'a\u200bb'],
    ['a lone surrogate', 'a\ud800'],
    ['a leading blank', ' a'],
    ['a trailing blank', 'a\u00a0'],
  ])('refuses %s', (_what, name) => {
    expect(() => parseCommonName(name)).toThrow(InvalidName);
  });

  it('are read back from their DER', () => {
    const names = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }).filter((text) => {
      try {
        return parseCommonName(text) === text;
      } catch {
        return false;
      }
    });
    fc.assert(
      fc.property(names, (name) => {
        expect(onlyCommonName(nameDer(parseCommonName(name)))).toBe(name);
      }),
    );
  });

  it('are not read from a name with another or a second attribute', () => {
    const organisation = Buffer.from(nameDer(parseCommonName('a')));
    organisation[10] = 0x0a;
    expect(() => onlyCommonName(organisation)).toThrow(MalformedDer);
  });
});

describe('DNS names', () => {
  it.each(['vpn', 'vpn.example.org', 'xn--bcher-kva.example', '1.example', 'a'.repeat(63)])('accepts %s', (name) => {
    expect(isDnsName(name)).toBe(true);
  });

  it.each([
    '',
    'VPN.example.org',
    '-a.example',
    'a-.example',
    'a..b',
    'a.',
    '*.example.org',
    'a_b.example',
    'bücher.example',
    '192.0.2.1',
    'a\n.example',
    'a'.repeat(64),
    `${'a.'.repeat(127)}aa`,
  ])('refuses %j', (name) => {
    expect(() => parseDnsName(name)).toThrow(InvalidName);
  });
});
