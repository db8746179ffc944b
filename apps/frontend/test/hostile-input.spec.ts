import { testDatabases } from '@libs/testing';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { type Attack, attacksOn, parameterCount, requestOf } from '../../../test/support/hostile/attacks';
import { expectHarmless } from '../../../test/support/hostile/expectations';
import { MARKUP, SLIPPERY } from '../../../test/support/hostile/values';
import { closeRawConnections, type RawAnswer, sendRaw } from '../../../test/support/hostile/raw-request';
import { routesOf } from '../../../test/support/hostile/route-parameters';
import { Issuance } from '../src/issuances/issuance.entity';
import { AttackedFrontend } from './support/attacked-frontend';
import { ROUTE_TABLE } from './support/route-table';

const SEED = 20_261_124;
/** For each parameter of a route, and for what every route has. */
const RUNS = 8;
const signedInMostly = fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false));
/** Read from the request itself, by pages and by standards that want unknown fields ignored. */
const BY_HAND = {
  query: [
    ...['cli_port', 'optionset', 'code_challenge', 'code_challenge_method', 'state', 'next', 'moved', 'user_code'],
    ...['token', 'code_verifier', 'code', 'error', 'error_description', 'iss'],
  ],
  body: ['_csrf', 'logout_token'],
};
/** Made by the OpenAPI library. */
const WITHOUT_CONTROLLER = ['GET /api/v1/openapi.json'];
/** Merge patches (RFC 7396). */
const NULL_IS_A_DEFAULT = ['PATCH /api/v1/admin/settings'];

type Headers = Readonly<Record<string, string>>;

/** Browsers want pages, and programs that may repeat themselves say so. */
const keyed = (): Headers => ({ 'idempotency-key': randomUUID() });
const circumstances = fc.oneof<fc.Arbitrary<Headers>[]>(
  fc.constant({}),
  fc.constant({ accept: 'text/html,application/xhtml+xml' }),
  fc.uuid().map((key) => ({ 'idempotency-key': key })),
);

describe.each(testDatabases())('hostile input on $name', (database) => {
  let frontend: AttackedFrontend;

  beforeAll(async () => {
    frontend = await AttackedFrontend.start(database);
  });
  afterAll(async () => {
    await frontend.close();
    closeRawConnections();
  });

  const attack = async (route: string, one: Attack, signedIn: boolean, extra: Headers): Promise<RawAnswer> => {
    const sound = await frontend.sound(route, signedIn);
    const headers = { ...sound.headers, ...extra };
    const request = requestOf(route, { ...sound, headers }, one);
    const answer = await sendRaw(frontend.url, request);
    expectHarmless(request, answer, { redirects: frontend.redirects });
    return answer;
  };

  it('is tried on every route', () => {
    const routes = routesOf(frontend.app).map(({ route }) => route);
    expect([...routes, ...WITHOUT_CONTROLLER].sort()).toEqual(Object.keys(ROUTE_TABLE).sort());
  });

  it.each(Object.keys(ROUTE_TABLE))('does no harm to %s', async (name) => {
    const route = routesOf(frontend.app).find(({ route: other }) => other === name) ?? {
      ...{ route: name, query: [], body: [] },
    };
    await fc.assert(
      fc.asyncProperty(attacksOn(route, BY_HAND), signedInMostly, circumstances, async (one, signedIn, headers) => {
        const { status } = await attack(name, one, signedIn, headers);
        if (!signedIn && ROUTE_TABLE[name] !== 'public') expect(status).toBeGreaterThanOrEqual(400);
        else if (one.on !== 'header') expect(status).not.toBe(401);
      }),
      { seed: SEED, numRuns: RUNS * (2 + parameterCount(route)) },
    );
  });

  it.each(Object.keys(ROUTE_TABLE))('finds a rule for whatever stands in a field of %s', async (route) => {
    const { query = [], body = [] } = routesOf(frontend.app).find(({ route: other }) => other === route) ?? {};
    for (const name of query) await attack(route, { on: 'query', name, text: 'a\0bc' }, true, {});
    for (const name of body) {
      for (const value of SLIPPERY) await attack(route, { on: 'field', name, value, form: false }, true, keyed());
      const { status } = await attack(route, { on: 'field', name, value: null, form: false }, true, keyed());
      if (!NULL_IS_A_DEFAULT.includes(route)) expect({ name, status }).toEqual({ name, status: 422 });
    }
  });

  it('is shown as text by the pages that show what somebody wrote', async () => {
    const name = { on: 'field', name: 'device_name', value: MARKUP, form: false } as const;
    const announcement = { on: 'field', name: 'announcement', value: MARKUP, form: false } as const;
    // What is new comes first in lists.
    frontend.clock.advance(1);
    const begun = await attack('POST /api/v1/device/authorize', name, false, { 'user-agent': MARKUP });
    const { user_code: code } = JSON.parse(begun.text) as { readonly user_code: string };
    const profile = await attack('POST /api/v1/profiles', name, true, {});
    expect([begun.status, profile.status]).toEqual([200, 200]);
    expect(profile.text).not.toContain('hostile');
    expect((await attack('PATCH /api/v1/admin/settings', announcement, true, {})).status).toBe(200);

    const { headers: session } = await frontend.sound('POST /profiles', true);
    const headers = { ...session, accept: 'text/html', 'user-agent': MARKUP };
    const fingerprint = String(profile.headers['certificate-fingerprint']);
    for (const [path, times] of [
      ...[['/', 2] as const, [`/certificates/${fingerprint}`, 2] as const],
      ...[[`/device?user_code=${code}`, 3] as const, ['/nowhere', 1] as const],
      ['/auth/cli-login?cli_port=5000', 2] as const,
    ]) {
      const request = { method: 'GET', path, headers };
      const page = await sendRaw(frontend.url, request);
      expectHarmless(request, page);
      expect({ path, shown: page.text.split('&lt;hostile').length - 1 >= times }).toEqual({ path, shown: true });
    }
  });

  it('leaves no certificate that is not accounted for, and nothing in every object', async () => {
    const issued = await frontend.dataSource.getRepository(Issuance).findBy({ state: 'issued' });
    const logged = frontend.services.certificates.map(({ fingerprint }) => fingerprint);
    expect(issued.map(({ fingerprint }) => fingerprint).sort()).toEqual(logged.sort());
    expect('hostile' in {}).toBe(false);
    await expect(frontend.dataSource.getRepository(Issuance).countBy({ state: 'pending' })).resolves.toBe(0);
  });
});
