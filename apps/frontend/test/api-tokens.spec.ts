import { API_SCOPES } from '@libs/auth';
import { testDatabases } from '@libs/testing';
import { ApiToken } from '../src/api-tokens/api-token.entity';
import { AdminEvent } from '../src/events/event.entity';
import { User } from '../src/users/user.entity';
import { addApiToken } from './support/api-tokens';
import { type ApiAnswer, apiCall, itemsOf } from './support/api-call';
import { freePort, startFrontend, type TestFrontend } from './support/frontend';
import { addPerson, type SignedIn, signedInAs } from './support/signed-in';

const PATH = '/api/v1/admin/api-tokens';
const NOBODY = '00000000-0000-4000-8000-000000000000';

describe.each(testDatabases())('API tokens on $name', (database) => {
  let frontend: TestFrontend;
  let administrator: SignedIn;

  beforeAll(async () => {
    const variables = { ROLE_SYSTEM_ADMINISTRATOR_GROUPS: 'vpn-systems' };
    frontend = await startFrontend({ database, port: await freePort(), issuer: 'http://localhost:9', variables });
  });

  beforeEach(async () => {
    frontend.clock.set(new Date());
    administrator = await signedInAs(frontend.dataSource, ['vpn-admins']);
  });

  afterAll(() => frontend.close());

  const call = (route: string, headers: Readonly<Record<string, string>>, body?: object) =>
    apiCall(frontend.url, route, { headers, ...(body && { body }) });
  const asAdministrator = (route: string, body?: object) => call(route, administrator.headers, body);
  const inDays = (days: number) => new Date(frontend.clock.now().getTime() + days * 86_400_000).toISOString();
  const order = (change: object = {}) => ({
    name: 'backup job',
    scopes: ['psks:read'],
    expires_at: inDays(30),
    ...change,
  });
  const bearer = ({ body }: ApiAnswer) => ({ authorization: `Bearer ${String(body['secret'])}` });
  const tokens = () => frontend.dataSource.getRepository(ApiToken);
  const psksWith = (headers: Readonly<Record<string, string>>) => call('GET /api/v1/admin/psks', headers);

  it('are shown once and kept as a hash', async () => {
    const created = await asAdministrator(`POST ${PATH}`, order());
    expect(created.status).toBe(201);
    expect(created.headers.get('cache-control')).toBe('no-store');
    expect(created.body).toMatchObject({ name: 'backup job', scopes: ['psks:read'], created_by: administrator.userId });
    const secret = String(created.body['secret']);
    expect(secret).toMatch(/^ovapi_[0-9a-f]{16}_[\w-]{43}$/);
    const id = String(created.body['id']);
    const read = await asAdministrator(`GET ${PATH}/${id}`);
    expect(read.body).toMatchObject({ id, last_used_at: null, revoked_at: null });
    expect(read.body).not.toHaveProperty('secret');
    expect(JSON.stringify(await tokens().find())).not.toContain(secret.slice(-43));
    expect(itemsOf(await asAdministrator(`GET ${PATH}?limit=200`)).map((item) => item['id'])).toContain(id);
  });

  it('leave events of their making and their end, without the secret', async () => {
    const created = await asAdministrator(`POST ${PATH}`, order());
    const id = String(created.body['id']);
    for (let time = 0; time < 2; time += 1) {
      expect(await asAdministrator(`POST ${PATH}/${id}/revocation`)).toMatchObject({ status: 200 });
    }
    const events = await frontend.dataSource.getRepository(AdminEvent).findBy({ objectId: id });
    expect(events.map(({ action }) => action).sort()).toEqual(['api_token.created', 'api_token.revoked']);
    expect(events).toContainEqual(expect.objectContaining({ requestId: created.headers.get('x-request-id') }));
    expect(JSON.stringify(events)).not.toContain(String(created.body['secret']).slice(-43));
  });

  it('act on the admin API in the name of their creator, and an event tells which one did', async () => {
    const created = await asAdministrator(`POST ${PATH}`, order({ scopes: ['psks:read', 'settings:write'] }));
    expect(await psksWith(bearer(created))).toMatchObject({ status: 200 });
    const etag = (await asAdministrator('GET /api/v1/admin/settings')).headers.get('etag') ?? '';
    const changed = await call(
      'PATCH /api/v1/admin/settings',
      { ...bearer(created), 'if-match': etag },
      { announcement: `by ${String(created.body['id'])}` },
    );
    expect(changed.status).toBe(200);
    const apiTokenId = String(created.body['id']);
    const event = await frontend.dataSource.getRepository(AdminEvent).findOneByOrFail({ apiTokenId });
    expect(event).toMatchObject({ actorId: administrator.userId, action: 'setting.changed' });
  });

  it('do nothing outside of their scopes', async () => {
    const created = await asAdministrator(`POST ${PATH}`, order());
    const { status, headers, body } = await call('GET /api/v1/admin/settings', bearer(created));
    expect({ status, code: body['code'] }).toEqual({ status: 403, code: 'insufficient_scope' });
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="settings:read"');
    expect(await call('POST /api/v1/admin/psks', bearer(created), {})).toMatchObject({ status: 403 });
    expect(await call('GET /api/v1/me', bearer(created))).toMatchObject({ status: 403 });
  });

  it('make no other tokens, whatever their scopes', async () => {
    const every = await addApiToken(frontend.dataSource, administrator.userId, API_SCOPES);
    expect(await call(`POST ${PATH}`, every.headers, order())).toMatchObject({ status: 403 });
    expect(await call(`GET ${PATH}`, every.headers)).toMatchObject({ status: 200 });
  });

  it('may never do more than their creator at this moment', async () => {
    const creator = await addPerson(frontend.dataSource, ['vpn-admins']);
    const { headers } = await addApiToken(frontend.dataSource, creator, ['psks:read', 'settings:read']);
    const users = frontend.dataSource.getRepository(User);
    expect(await call('GET /api/v1/admin/settings', headers)).toMatchObject({ status: 200 });
    await users.update({ id: creator }, { groups: ['vpn-systems'] });
    expect(await call('GET /api/v1/admin/settings', headers)).toMatchObject({ status: 403 });
    expect(await psksWith(headers)).toMatchObject({ status: 200 });
    await users.update({ id: creator }, { groups: [] });
    expect(await psksWith(headers)).toMatchObject({ status: 403 });
    await users.update({ id: creator }, { groups: ['vpn-admins'] });
    await asAdministrator(`PATCH /api/v1/admin/users/${creator}`, { disabled: true });
    expect(await psksWith(headers)).toMatchObject({ status: 401 });
    await asAdministrator(`PATCH /api/v1/admin/users/${creator}`, { disabled: false });
    expect(await psksWith(headers)).toMatchObject({ status: 200 });
  });

  it.each<[string, (created: ApiAnswer) => Promise<string> | string]>([
    ['unknown', () => `ovapi_${'0'.repeat(16)}_${'A'.repeat(43)}`],
    ['malformed', () => 'ovapi_x'],
    ['of another kind', () => `ovpsk_${'0'.repeat(16)}_${'A'.repeat(43)}`],
    ['wrong in its secret', ({ body }) => `${String(body['secret']).slice(0, -43)}${'A'.repeat(43)}`],
    ['empty', () => ''],
    [
      'revoked',
      async ({ body }) => {
        await asAdministrator(`POST ${PATH}/${String(body['id'])}/revocation`);
        return String(body['secret']);
      },
    ],
    [
      'expired',
      ({ body }) => {
        frontend.clock.advance(30 * 86_400);
        return String(body['secret']);
      },
    ],
  ])('are all alike when %s, with a session beside them or not', async (_, make) => {
    const created = await asAdministrator(`POST ${PATH}`, order());
    const credential = await make(created);
    for (const cookie of [{}, { cookie: administrator.headers['cookie'] ?? '' }]) {
      const { status, headers, body } = await psksWith({ ...cookie, authorization: `Bearer ${credential}` });
      expect({ status, code: body['code'] }).toEqual({ status: 401, code: 'invalid_credential' });
      expect(headers.get('www-authenticate')).toBe('Bearer realm="api"');
    }
  });

  it('leave other schemes of the header to the proxy that wants them', async () => {
    const answer = await psksWith({ ...administrator.headers, authorization: 'Basic YTpi' });
    expect(answer.status).toBe(200);
    expect(await psksWith({ authorization: 'Basic YTpi' })).toMatchObject({ status: 401 });
  });

  it('are not guessed for long from one address', async () => {
    const limited = await startFrontend({
      ...{ database, port: await freePort(), issuer: 'http://localhost:9' },
      variables: { FRONTEND_FAILED_CREDENTIALS_PER_MINUTE: '5' },
    });
    try {
      const { headers } = await addApiToken(limited.dataSource, await addPerson(limited.dataSource, ['vpn-admins']), [
        'psks:read',
      ]);
      const guess = { authorization: `Bearer ovapi_${'0'.repeat(16)}_${'A'.repeat(43)}` };
      const guesses: number[] = [];
      for (let count = 0; count < 7; count += 1) {
        guesses.push((await apiCall(limited.url, 'GET /api/v1/admin/psks', { headers: guess })).status);
      }
      expect(guesses).toEqual([401, 401, 401, 401, 401, 401, 429]);
      expect((await apiCall(limited.url, 'GET /api/v1/admin/psks', { headers })).status).toBe(429);
      limited.clock.advance(60);
      expect((await apiCall(limited.url, 'GET /api/v1/admin/psks', { headers })).status).toBe(200);
    } finally {
      await limited.close();
    }
  });

  it('note their use, at most once a minute', async () => {
    const created = await asAdministrator(`POST ${PATH}`, order());
    const lastUse = async () => (await tokens().findOneByOrFail({ id: String(created.body['id']) })).lastUsedAt;
    const first = frontend.clock.now();
    await psksWith(bearer(created));
    expect(await lastUse()).toEqual(first);
    frontend.clock.advance(59);
    await psksWith(bearer(created));
    expect(await lastUse()).toEqual(first);
    frontend.clock.advance(1);
    const later = frontend.clock.now();
    await Promise.all(Array.from({ length: 20 }, () => psksWith(bearer(created))));
    expect(await lastUse()).toEqual(later);
  });

  it('end at once under fifty parallel uses, with one event', async () => {
    const created = await asAdministrator(`POST ${PATH}`, order());
    const id = String(created.body['id']);
    const uses = Array.from({ length: 50 }, () => psksWith(bearer(created)));
    const revocations = Array.from({ length: 5 }, () => asAdministrator(`POST ${PATH}/${id}/revocation`));
    const answers = await Promise.all(uses);
    expect([200, 401]).toEqual(expect.arrayContaining([...new Set(answers.map(({ status }) => status))]));
    const ends = await Promise.all(revocations);
    expect(new Set(ends.map(({ body }) => body['revoked_at'])).size).toBe(1);
    expect(await psksWith(bearer(created))).toMatchObject({ status: 401 });
    const events = frontend.dataSource.getRepository(AdminEvent);
    expect(await events.countBy({ objectId: id, action: 'api_token.revoked' })).toBe(1);
  });

  it.each<[string, () => object]>([
    ['no name', () => ({ name: undefined })],
    ['an empty name', () => ({ name: '' })],
    ['a long name', () => ({ name: 'x'.repeat(101) })],
    ['a control character in the name', () => ({ name: 'a\u0000b' })],
    ['no scopes', () => ({ scopes: [] })],
    ['an unknown scope', () => ({ scopes: ['everything'] })],
    ['a scope that would make tokens', () => ({ scopes: ['api-tokens:write'] })],
    ['the same scope twice', () => ({ scopes: ['psks:read', 'psks:read'] })],
    ['a scope that is no text', () => ({ scopes: [{}] })],
    ['no expiry', () => ({ expires_at: undefined })],
    ['an expiry that is past', () => ({ expires_at: inDays(-1) })],
    ['an expiry in more than a year', () => ({ expires_at: inDays(367) })],
    ['something else', () => ({ roles: ['service_administrator'] })],
  ])('are not made with %s', async (_, change) => {
    const before = await tokens().count();
    expect(await asAdministrator(`POST ${PATH}`, order(change()))).toMatchObject({ status: 422 });
    expect(await tokens().count()).toBe(before);
  });

  it.each([`GET ${PATH}/x`, `GET ${PATH}/${NOBODY}`, `POST ${PATH}/${NOBODY}/revocation`])(
    'answer 404 to %s',
    async (route) => {
      expect((await asAdministrator(route)).body).toMatchObject({ status: 404, code: 'api_token_not_found' });
    },
  );

  it('are listed page by page', async () => {
    for (let count = 0; count < 3; count += 1)
      await addApiToken(frontend.dataSource, administrator.userId, ['psks:read']);
    const first = await asAdministrator(`GET ${PATH}?limit=2`);
    expect(itemsOf(first)).toHaveLength(2);
    const [, next = ''] = /^<(.*)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? [];
    const second = await asAdministrator(`GET ${next}`);
    expect(itemsOf(second)[0]?.['id']).not.toBe(itemsOf(first)[1]?.['id']);
  });
});
