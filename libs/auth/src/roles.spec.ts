import fc from 'fast-check';
import { type Role, type RoleGroups, ROLES, rolesOf } from './roles';

const NOBODY: RoleGroups = {
  user: ['vpn-users'],
  auditor: ['vpn-auditors'],
  certificate_administrator: ['vpn-certificates'],
  system_administrator: ['vpn-systems'],
  service_administrator: ['vpn-service'],
};
const group = fc.stringMatching(/^[a-zA-Z ,-]{1,12}$/);
const roleGroups: fc.Arbitrary<RoleGroups> = fc.record({
  user: fc.array(group, { minLength: 1, maxLength: 3 }),
  auditor: fc.array(group, { maxLength: 3 }),
  certificate_administrator: fc.array(group, { maxLength: 3 }),
  system_administrator: fc.array(group, { maxLength: 3 }),
  service_administrator: fc.array(group, { maxLength: 3 }),
});

describe('roles from groups', () => {
  it.each<[string, Role[]]>([
    ['vpn-users', ['user']],
    ['vpn-auditors', ['auditor']],
    ['vpn-certificates', ['auditor', 'certificate_administrator']],
    ['vpn-systems', ['system_administrator']],
    ['vpn-service', [...ROLES]],
  ])('gives members of %s the roles %j', (name, roles) => {
    expect(rolesOf([name], NOBODY)).toEqual(roles);
  });

  it.each([
    'VPN-service',
    ' vpn-service',
    'vpn-service ',
    'vpn-servic',
    'vpn-service2',
    'vpn-users,vpn-service',
    '*',
    '',
  ])('gives nothing for the near miss %j', (name) => {
    expect(rolesOf([name], NOBODY)).toEqual([]);
  });

  it('makes everybody a user where no group is named for users, and nobody an administrator', () => {
    const open: RoleGroups = { ...NOBODY, user: [], service_administrator: [] };
    expect(rolesOf([], open)).toEqual(['user']);
  });

  it('gives a role exactly when a group of it, or of a role that contains it, is held', () => {
    fc.assert(
      fc.property(fc.array(group), roleGroups, (groups, mapping) => {
        const holds = (role: Role) => mapping[role].some((name) => groups.includes(name));
        const roles = rolesOf(groups, mapping);
        const all = holds('service_administrator');
        expect(roles.includes('user')).toBe(all || holds('user'));
        expect(roles.includes('auditor')).toBe(all || holds('certificate_administrator') || holds('auditor'));
        expect(roles.includes('certificate_administrator')).toBe(all || holds('certificate_administrator'));
        expect(roles.includes('system_administrator')).toBe(all || holds('system_administrator'));
        expect(roles.includes('service_administrator')).toBe(all);
      }),
    );
  });

  it('never takes a role away when a group is added', () => {
    fc.assert(
      fc.property(fc.array(group), group, roleGroups, (groups, added, mapping) => {
        const before = rolesOf(groups, mapping);
        const after = rolesOf([...groups, added], mapping);
        expect(before.every((role) => after.includes(role))).toBe(true);
      }),
    );
  });
});
