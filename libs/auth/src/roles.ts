/** What a person may do. The ids are part of the API and of the configuration. */
export const ROLES = [
  'user',
  'auditor',
  'certificate_administrator',
  'system_administrator',
  'service_administrator',
] as const;
/** What a person may do; one role may contain others. */
export type Role = (typeof ROLES)[number];

/** Which other roles a role contains, directly or through another: the only place that says so. */
const IMPLIED: Readonly<Record<Role, readonly Role[]>> = {
  user: [],
  auditor: [],
  certificate_administrator: ['auditor'],
  system_administrator: [],
  service_administrator: ['user', 'auditor', 'certificate_administrator', 'system_administrator'],
};

/**
 * The provider's groups that give each role. An empty list gives the role to nobody, except for `user`:
 * without groups named for it, whoever can sign in is a user.
 */
export type RoleGroups = Readonly<Record<Role, readonly string[]>>;

/**
 * The roles of a person with these groups, implied ones included, in the order of ROLES.
 * Groups match exactly: no case folding, trimming or prefix.
 */
export function rolesOf(groups: readonly string[], roleGroups: RoleGroups): readonly Role[] {
  const held = new Set(groups);
  const roles = new Set<Role>();
  for (const role of ROLES) {
    const named = roleGroups[role];
    const everybody = role === 'user' && named.length === 0;
    if (everybody || named.some((group) => held.has(group))) {
      roles.add(role);
      for (const implied of IMPLIED[role]) roles.add(implied);
    }
  }
  return ROLES.filter((role) => roles.has(role));
}

/** What a role is called on a page. */
export const ROLE_TITLES: Readonly<Record<Role, string>> = {
  user: 'User',
  auditor: 'Auditor',
  certificate_administrator: 'Certificate administrator',
  system_administrator: 'System administrator',
  service_administrator: 'Service administrator',
};
