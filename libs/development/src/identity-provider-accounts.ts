/** A person at the development identity provider. */
export interface DevelopmentAccount {
  readonly username: string;
  readonly password: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
  /** What the login form says about the account. */
  readonly hint: string;
}

/** Known to everybody, so good for a developer's machine alone; the form shows the passwords. */
export const DEVELOPMENT_ACCOUNTS: readonly DevelopmentAccount[] = [
  {
    username: 'user',
    password: 'user',
    name: 'Uma User',
    email: 'user@example.org',
    groups: ['vpn-users'],
    hint: 'downloads profiles',
  },
  {
    username: 'auditor',
    password: 'auditor',
    name: 'Otto Auditor',
    email: 'auditor@example.org',
    groups: ['vpn-users', 'vpn-auditors'],
    hint: 'also reads every certificate',
  },
  {
    username: 'admin',
    password: 'admin',
    name: 'Ada Admin',
    email: 'admin@example.org',
    groups: ['vpn-users', 'vpn-admins'],
    hint: 'may do everything',
  },
];

/** The client that the frontend is in development. */
export const DEVELOPMENT_CLIENT = {
  clientId: 'openvpn-manager',
  clientSecret: 'development-only-client-secret',
} as const;
