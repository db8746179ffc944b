import { EnvironmentReader } from '@libs/config';
import { type TestDatabaseKind, testDatabases } from '@libs/testing';
import { expectHarmless } from '../../../test/support/hostile/expectations';
import { closeRawConnections, sendRaw } from '../../../test/support/hostile/raw-request';
import { MARKUP } from '../../../test/support/hostile/values';
import { deploymentSettings } from '../src/config/deployment-settings';
import { freePort, startFrontend, type TestFrontend } from './support/frontend';
import { type Caller, ROUTE_TABLE } from './support/route-table';
import { signedInAs } from './support/signed-in';

const [sqlite] = testDatabases() as [TestDatabaseKind, ...TestDatabaseKind[]];
const ELSEWHERE = 'https://elsewhere.example.org/vpn';

/** Routes that both frontends serve. */
const SHARED = [
  'GET /',
  'GET /assets/:name',
  'GET /crl',
  'GET /crl.pem',
  'GET /auth/login',
  'HEAD /auth/login',
  'GET /auth/callback',
  'HEAD /auth/callback',
  'POST /auth/logout',
  'POST /auth/backchannel-logout',
  'GET /api/v1/me',
  'GET /api/v1/me/sessions',
  'DELETE /api/v1/me/sessions',
  'DELETE /api/v1/me/sessions/:id',
  'GET /api/v1/openapi.json',
];
const isAdministrations = (caller: Caller) => /auditor|administrator/.test(caller);

const ROUTES = Object.entries(ROUTE_TABLE).map(([route, caller]) => {
  const audience = SHARED.includes(route) ? 'everybody' : isAdministrations(caller) ? 'administrators' : 'users';
  const [method = '', pattern = ''] = route.split(' ');
  return { route, method, path: pattern.replace(/:\w+/g, 'x'), audience };
});

describe.each([
  { serves: 'users', variable: 'ADMIN_URL_BASE' },
  { serves: 'administrators', variable: 'USER_URL_BASE' },
])('a frontend for $serves alone', ({ serves, variable }) => {
  let frontend: TestFrontend;

  beforeAll(async () => {
    const variables = { [variable]: `${ELSEWHERE}/` };
    frontend = await startFrontend({
      database: sqlite,
      port: await freePort(),
      issuer: 'http://localhost:9',
      variables,
    });
  });

  afterAll(() => frontend.close());

  const send = (method: string, path: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${frontend.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { accept: 'application/json', ...headers },
    });

  it.each(ROUTES)('takes $route only if it is for $audience', async ({ method, path, audience }) => {
    const response = await send(method, path, { authorization: 'Bearer ovapi_x' });
    const text = await response.text();
    const isElsewhere = text.startsWith('{"type":') && text.includes('"code":"served_elsewhere"');
    if (audience === 'everybody' || audience === serves) {
      expect(isElsewhere).toBe(false);
    } else {
      expect(response.status).toBe(403);
      expect(response.headers.get('location')).toBeNull();
      const url = `${ELSEWHERE}${path.replace(/^\/download\/.*/, '/download')}`;
      if (method !== 'HEAD') expect(JSON.parse(text)).toMatchObject({ code: 'served_elsewhere', url });
    }
  });
});

describe('a frontend for users alone', () => {
  it('shows browsers a page that leads on to the administration, and links to it from the start page', async () => {
    const frontend = await startFrontend({
      ...{ database: sqlite, port: await freePort(), issuer: 'http://localhost:9' },
      variables: { ADMIN_URL_BASE: ELSEWHERE },
    });
    try {
      const page = await fetch(`${frontend.url}/admin/anything?x=1`, { headers: { accept: 'text/html' } });
      expect(page.status).toBe(403);
      expect(await page.text()).toContain(`href="${ELSEWHERE}/admin/anything"`);
      const { headers } = await signedInAs(frontend.dataSource, ['vpn-admins']);
      const home = await fetch(frontend.url, { headers: { ...headers, accept: 'text/html' } });
      expect(await home.text()).toContain(`href="${ELSEWHERE}/api/docs"`);
    } finally {
      await frontend.close();
    }
  });
});

describe('a frontend for administrators alone', () => {
  let frontend: TestFrontend;

  beforeAll(async () => {
    const variables = { USER_URL_BASE: ELSEWHERE };
    frontend = await startFrontend({
      database: sqlite,
      port: await freePort(),
      issuer: 'http://localhost:9',
      variables,
    });
  });

  afterAll(() => frontend.close());

  it.each(['/device?user_code=BCDF-GHJK', '/auth/cli-login?cli_port=45678', '/download/ovdl_x'])(
    'leads a browser from %s to the users’ address',
    async (path) => {
      const response = await fetch(`${frontend.url}${path}`, { redirect: 'manual', headers: { accept: 'text/html' } });
      expect(response.status).toBe(302);
      expect(response.headers.get('location')).toBe(`${ELSEWHERE}${path}`);
      expect(response.headers.get('cache-control')).toBe('no-store');
    },
  );

  it('does not lead a form on, which would lose what it sends', async () => {
    const response = await fetch(`${frontend.url}/profiles`, { method: 'POST', headers: { accept: 'text/html' } });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain(`href="${ELSEWHERE}/profiles"`);
  });

  it('shows an address as text, whatever stands in it', async () => {
    const path = `/certificates/${MARKUP.replaceAll(/[ %]/g, '')}`;
    const request = { method: 'POST', path, headers: { accept: 'text/html' } };
    const page = await sendRaw(frontend.url, request);
    closeRawConnections();
    expect(page.status).toBe(403);
    expectHarmless(request, page);
    expect(page.text).toContain('&lt;hostile');
  });

  it('has a start page of its own', async () => {
    const { headers } = await signedInAs(frontend.dataSource, ['vpn-admins']);
    const page = await (await fetch(frontend.url, { headers: { ...headers, accept: 'text/html' } })).text();
    expect(page).toContain('Administration');
    expect(page).toContain(`href="${ELSEWHERE}/"`);
    expect(page).not.toContain('New profile');
  });
});

describe('a frontend that is told of both addresses', () => {
  it('does not start', () => {
    const env = new EnvironmentReader({ ADMIN_URL_BASE: ELSEWHERE, USER_URL_BASE: ELSEWHERE });
    deploymentSettings(env);
    expect(() => env.finish()).toThrow('ADMIN_URL_BASE and USER_URL_BASE are both set');
  });
});
