import fc from 'fast-check';
import { claimAt, groupsOf } from './groups';

describe('groups claim', () => {
  it.each<[string, unknown, string[]]>([
    ['a list', ['a', 'b'], ['a', 'b']],
    ['a comma string', 'a, b,,c ', ['a', 'b', 'c']],
    ['a semicolon string', 'vpn admins; users', ['vpn admins', 'users']],
    ['one string', 'vpn-users', ['vpn-users']],
    ['objects with a name', [{ name: 'a', id: 1 }, { id: 2 }], ['a']],
    ['null', null, []],
    ['nothing', undefined, []],
    ['a number', 7, []],
    ['an object', { a: true }, []],
    ['a list with strays', ['a', null, 3, ['b'], '', 'a', ' c '], ['a', 'c']],
    ['names with commas in a list, left whole', ['a,b'], ['a,b']],
  ])('reads %s', (_, claim, groups) => {
    expect(groupsOf(claim)).toEqual(groups);
  });

  it('answers clean names for any claim at all', () => {
    fc.assert(
      fc.property(fc.anything(), (claim) => {
        const groups = groupsOf(claim);
        expect(new Set(groups).size).toBe(groups.length);
        expect(groups.every((name) => name !== '' && name === name.trim())).toBe(true);
      }),
    );
  });

  it('reads a list and its comma string alike', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z0-9/._-]{1,20}$/)), (names) => {
        expect(groupsOf(names.join(','))).toEqual(groupsOf(names));
      }),
    );
  });
});

describe('claim by path', () => {
  const claims = { groups: ['a'], realm_access: { roles: ['b'] }, 'https://example.org/groups': ['c'] };

  it('finds plain, nested and dotted names', () => {
    expect(claimAt(claims, 'groups')).toEqual(['a']);
    expect(claimAt(claims, 'realm_access.roles')).toEqual(['b']);
    expect(claimAt(claims, 'https://example.org/groups')).toEqual(['c']);
  });

  it.each(['missing', 'groups.0.x', 'realm_access.missing', 'constructor', '__proto__.toString'])(
    'finds nothing at %s',
    (path) => {
      expect(claimAt(claims, path)).toBeUndefined();
    },
  );
});
