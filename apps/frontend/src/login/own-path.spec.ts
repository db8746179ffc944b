import fc from 'fast-check';
import { ownPath } from './own-path';

describe('the page after a login', () => {
  it.each(['/', '/a/b?c=d&e=%20', '/auth/cli-login?cli_port=1', '/%2f%2fevil.example'])(
    'may be the own path %j',
    (path) => {
      expect(ownPath(path)).toBe(path);
    },
  );

  it.each([
    undefined,
    ['/a'],
    '',
    'a',
    'https://evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    'javascript:alert(1)',
    '/auth/login?next=/',
    '/auth/logout',
    '/AUTH/callback',
    `/${'a'.repeat(600)}`,
  ])('is never %j', (path) => {
    expect(ownPath(path)).toBe('/');
  });

  it('stays with this service whatever was asked for', () => {
    const tricky = fc.array(
      fc.constantFrom('/', '\\', '.', '..', ':', '@', '?', '#', '\t', '%', 'https', 'evil.example', 'a'),
    );
    fc.assert(
      fc.property(tricky, fc.string({ unit: 'binary' }), (parts, rest) => {
        const { origin } = new URL(ownPath(`/${parts.join('')}${rest}`), 'https://vpn.example');
        expect(origin).toBe('https://vpn.example');
      }),
    );
  });
});
