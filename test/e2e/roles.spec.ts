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
    // Rights belong to the person, not to the session in which they were learnt.
    expect(await mayAdminister(earlier)).toBe(403);
  });
});
