import type { DevelopmentAccount } from '@libs/development';
import { ApiSession, objectOf } from '../support/api-session';
import { CapturedOutput } from './support/captured-output';
import { TestProduct } from './support/test-product';

/** `groups` as providers really send it, which is not always a list. */
function account(username: string, groups: unknown): DevelopmentAccount {
  const email = `${username}@example.org`;
  return { username, password: username, name: username, email, groups: groups as readonly string[], hint: '' };
}

describe('roles by the groups of the identity provider', () => {
  let product: TestProduct;
  let output: CapturedOutput;

  beforeAll(async () => {
    output = new CapturedOutput();
    product = await TestProduct.start([
      account('list', ['vpn-users', 'vpn-admins']),
      account('commas', 'vpn-users, vpn-admins'),
      account('text', 'vpn-admins'),
      account('null', null),
      account('missing', undefined),
      account('number', 7),
      account('object', { 'vpn-admins': true }),
      account('nested', [['vpn-admins']]),
      account('longer', ['vpn-admins-of-another-club', 'not-vpn-admins', 'vpn-admin']),
      account('capital', ['VPN-ADMINS', 'Vpn-Admins']),
      account('auditor', ['vpn-auditors']),
      account('leaver', ['vpn-admins']),
    ]);
  });

  afterAll(async () => {
    await product.close();
    output.restore();
  });

  const rolesOf = async (session: ApiSession) => objectOf(await session.get('/api/v1/me'))['roles'] as string[];
  const signIn = (username: string) => ApiSession.signIn(product.frontendUrl, username);
  const mayAdminister = async (session: ApiSession) => (await session.get('/api/v1/admin/psks')).status;

  it.each(['list', 'commas', 'text'])(
    'an administrator is one whose claim is a %s with the group',
    async (username) => {
      const session = await signIn(username);
      expect(await rolesOf(session)).toContain('service_administrator');
      expect(await mayAdminister(session)).toBe(200);
    },
  );

  it.each(['null', 'missing', 'number', 'object', 'nested', 'longer', 'capital'])(
    'nobody is one whose claim is %s, nor does it stop the login',
    async (username) => {
      const session = await signIn(username);
      expect(await rolesOf(session)).toEqual(['user']);
      expect(await mayAdminister(session)).toBe(403);
      const order = { kind: 'server', common_name: 'vpn.localhost' };
      expect((await session.post('/api/v1/admin/psks', order)).status).toBe(403);
    },
  );

  it('an auditor reads every certificate and revokes none', async () => {
    const session = await signIn('auditor');
    expect((await session.get('/api/v1/admin/certificates')).status).toBe(200);
    const path = `/api/v1/admin/certificates/${'0'.repeat(64)}/revocation`;
    expect((await session.post(path, { reason: 'unspecified' })).status).toBe(403);
    expect(await mayAdminister(session)).toBe(403);
  });

  it('without a session there is nothing but a 401', async () => {
    for (const path of ['/api/v1/me', '/api/v1/admin/certificates', '/api/v1/admin/psks']) {
      const response = await fetch(`${product.frontendUrl}${path}`, { headers: { accept: 'application/json' } });
      expect({ path, status: response.status }).toEqual({ path, status: 401 });
      expect(response.headers.get('content-type')).toContain('application/problem+json');
    }
  });

  it('a group that was taken away there gives no right from the next login on', async () => {
    const earlier = await signIn('leaver');
    expect(await mayAdminister(earlier)).toBe(200);
    await product.replaceAccounts([account('leaver', ['vpn-users'])]);
    const later = await signIn('leaver');
    expect(await rolesOf(later)).toEqual(['user']);
    expect(await mayAdminister(later)).toBe(403);
    // Sessions that were begun with other rights have ended.
    expect(await mayAdminister(earlier)).toBe(401);
  });
});

/** Through all three services: what each role is for, done for real. */
describe('the five roles', () => {
  const ROLES = ['user', 'auditor', 'certificate_administrator', 'system_administrator', 'service_administrator'];
  let product: TestProduct;
  let output: CapturedOutput;
  let fingerprint: string;
  const sessions = new Map<string, ApiSession>();

  beforeAll(async () => {
    output = new CapturedOutput();
    const groups = Object.fromEntries(ROLES.map((role) => [`ROLE_${role.toUpperCase()}_GROUPS`, role]));
    product = await TestProduct.start(
      [...ROLES, 'nobody'].map((name) => account(name, [name])),
      groups,
    );
    for (const name of [...ROLES, 'nobody']) sessions.set(name, await ApiSession.signIn(product.frontendUrl, name));
    expect((await sessionOf('user').post('/api/v1/profiles', { options: [] })).status).toBe(200);
    const page = objectOf(await sessionOf('auditor').get('/api/v1/admin/certificates?type=user'));
    fingerprint = (page['items'] as readonly { readonly fingerprint: string }[])[0]?.fingerprint ?? '';
  });

  afterAll(async () => {
    await product.close();
    output.restore();
  });

  function sessionOf(name: string): ApiSession {
    const session = sessions.get(name);
    if (session === undefined) throw new Error(`${name} is not signed in`);
    return session;
  }

  const expiry = () => new Date(Date.now() + 86_400_000).toISOString();
  const revoke = (session: ApiSession) =>
    session.post(`/api/v1/admin/certificates/${fingerprint}/revocation`, { reason: 'superseded' });
  const makePsk = (session: ApiSession) =>
    session.post('/api/v1/admin/psks', { kind: 'computer', common_name: 'machine' });
  const makeToken = (session: ApiSession) => {
    return session.post('/api/v1/admin/api-tokens', { name: 'x', scopes: ['psks:read'], expires_at: expiry() });
  };

  it.each<[string, readonly string[], (session: ApiSession) => Promise<{ readonly status: number }>]>([
    ['gets a profile', ['user'], (session) => session.post('/api/v1/profiles', { options: [] })],
    ['searches', ['auditor', 'certificate_administrator'], (session) => session.get('/api/v1/admin/certificates')],
    ['reads events', ['auditor', 'certificate_administrator'], (session) => session.get('/api/v1/admin/events')],
    ['revokes', ['certificate_administrator'], revoke],
    ['makes PSKs', ['system_administrator'], makePsk],
    ['makes API tokens', [], makeToken],
    ['lists people', [], (session) => session.get('/api/v1/admin/users')],
    ['reads settings', [], (session) => session.get('/api/v1/admin/settings')],
  ])('who %s: %j and the service administrator', async (_, holders, act) => {
    for (const name of ROLES.concat('nobody')) {
      const { status } = await act(sessionOf(name));
      const may = holders.includes(name) || name === 'service_administrator';
      expect({ name, done: status < 300, status }).toEqual({ name, done: may, status: may ? status : 403 });
    }
  });
});
