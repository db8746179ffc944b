import { API_SCOPES, type Role, ROLES, scopeOfRoute } from '@libs/auth';
import { type TestDatabaseKind, testDatabases } from '@libs/testing';
import { randomUUID } from 'node:crypto';
import { addApiToken } from './support/api-tokens';
import { FakeServices } from './support/fake-services';
import { freePort, startFrontend, type TestFrontend } from './support/frontend';
import { type Caller, ROUTE_TABLE } from './support/route-table';
import { routerRoutes } from './support/router-routes';
import { addPerson, signedInAs } from './support/signed-in';

const [sqlite] = testDatabases() as [TestDatabaseKind, ...TestDatabaseKind[]];

/** Which people a caller stands for: `none` is somebody whose groups give no role at all. */
const PEOPLE = ['none', ...ROLES] as const;
type Person = (typeof PEOPLE)[number];

/** Written out, so that a change of what a role contains is a change of this table. */
const HOLDERS: Readonly<Record<Role, readonly Person[]>> = {
  user: ['user', 'service_administrator'],
  auditor: ['auditor', 'certificate_administrator', 'service_administrator'],
  certificate_administrator: ['certificate_administrator', 'service_administrator'],
  system_administrator: ['system_administrator', 'service_administrator'],
  service_administrator: ['service_administrator'],
};

const ROLE_GROUPS = Object.fromEntries(ROLES.map((role) => [`ROLE_${role.toUpperCase()}_GROUPS`, `group-${role}`]));
const groupsOf = (person: Person) => (person === 'none' ? ['group'] : [`group-${person}`]);
const ROWS = Object.entries(ROUTE_TABLE);
const ROLE_ROWS = ROWS.filter(([, caller]) => caller !== 'public' && caller !== 'psk');

describe('routes of the frontend', () => {
  let frontend: TestFrontend;
  let services: FakeServices;

  beforeAll(async () => {
    services = await FakeServices.start();
    const variables = { ...ROLE_GROUPS, FRONTEND_SIGNING_URL: services.url, FRONTEND_CT_URL: services.url };
    frontend = await startFrontend({
      database: sqlite,
      port: await freePort(),
      issuer: 'http://localhost:9',
      variables,
    });
  });

  afterAll(async () => {
    await frontend.close();
    await services.stop();
  });

  it('each have a row in the table, and no row is without a route', () => {
    expect(routerRoutes(frontend.app)).toEqual(Object.keys(ROUTE_TABLE).sort());
  });

  it.each(ROWS)('%s, for %s, refuses a visitor unless it is public', async (route, caller) => {
    const refusal = caller === 'psk' ? 'psk_rejected' : 'sign_in_required';
    const { status, code } = await call(route, {});
    if (caller === 'public') expect(code).not.toBe('sign_in_required');
    else expect({ status, code }).toEqual({ status: 401, code: route.startsWith('HEAD') ? undefined : refusal });
  });

  describe.each(PEOPLE)('for a person with the role %s', (person) => {
    it.each(ROLE_ROWS)('%s, for %s', async (route, caller) => {
      const { headers } = await signedInAs(frontend.dataSource, groupsOf(person));
      const answer = await call(route, headers);
      if (mayCall(person, caller)) expectAllowed(answer);
      else expect(answer).toMatchObject({ status: 403 });
    });
  });

  it.each(ROLE_ROWS.filter(([route]) => !/^(GET|HEAD) /.test(route)))(
    '%s, for %s, does nothing without the CSRF token of the session',
    async (route) => {
      const { headers } = await signedInAs(frontend.dataSource, groupsOf('service_administrator'));
      const answer = await call(route, { cookie: headers['cookie'] ?? '' });
      expect(answer).toEqual({ status: 403, code: 'csrf_token_invalid' });
    },
  );

  describe.each(PEOPLE)('for an API token that a person with the role %s created', (person) => {
    it.each(ROLE_ROWS)('%s, for %s', async (route, caller) => {
      const creator = await addPerson(frontend.dataSource, groupsOf(person));
      const scope = scopeOfRoute(...split(route));
      const every = await addApiToken(frontend.dataSource, creator, API_SCOPES);
      const others = await addApiToken(
        frontend.dataSource,
        creator,
        API_SCOPES.filter((other) => other !== scope),
      );
      const answer = await call(route, every.headers);
      if (scope === undefined || !mayCall(person, caller)) expect(answer).toMatchObject({ status: 403 });
      else expectAllowed(answer);
      expect(await call(route, others.headers)).toMatchObject({ status: 403 });
    });
  });

  it('of the admin API each have a scope, but for those that no token may call', () => {
    const admin = Object.keys(ROUTE_TABLE).filter((route) => route.includes(' /api/v1/admin/'));
    expect(admin.filter((route) => scopeOfRoute(...split(route)) === undefined).sort()).toEqual([
      'POST /api/v1/admin/api-tokens',
      'POST /api/v1/admin/api-tokens/:id/revocation',
    ]);
  });

  async function call(
    route: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly code: unknown }> {
    const [method, pattern] = split(route);
    const hasBody = !['GET', 'HEAD'].includes(method);
    const response = await fetch(`${frontend.url}${pathOf(pattern)}`, {
      method,
      redirect: 'manual',
      headers: { accept: 'application/json', ...(hasBody ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(hasBody ? { body: '{}' } : {}),
    });
    const text = await response.text();
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
    const body = (isProblem && text !== '' ? JSON.parse(text) : {}) as { readonly code?: unknown };
    return { status: response.status, code: body.code };
  }
});

/** Whatever else may be wrong with an empty request, it is not refused for who sent it, and nothing breaks. */
function expectAllowed({ status, code }: { readonly status: number; readonly code: unknown }): void {
  expect(['sign_in_required', 'access_denied', 'insufficient_scope', 'csrf_token_invalid']).not.toContain(code);
  expect([401, 500]).not.toContain(status);
}

function mayCall(person: Person, caller: Caller): boolean {
  return caller === 'anybody' || HOLDERS[caller as Role].includes(person);
}

function split(route: string): [string, string] {
  const [method = '', pattern = ''] = route.split(' ');
  return [method, pattern];
}

/** An address of the route, whose parameters name nothing that exists. */
function pathOf(pattern: string): string {
  return pattern.replace(/:(\w+)/g, (_, name: string) => (name === 'id' ? randomUUID() : '0'.repeat(64)));
}
