import { testDatabases } from '@libs/testing';
import { randomUUID } from 'node:crypto';
import { AdminEvent } from '../src/events/event.entity';
import { User } from '../src/users/user.entity';
import { apiCall, itemsOf } from './support/api-call';
import { freePort, startFrontend, type TestFrontend } from './support/frontend';
import { addPerson, addSession, type SignedIn, signedInAs } from './support/signed-in';

const PATH = '/api/v1/admin/users';

describe.each(testDatabases())('people and their sessions on $name', (database) => {
  let frontend: TestFrontend;
  let administrator: SignedIn;
  let person: SignedIn;

  beforeAll(async () => {
    frontend = await startFrontend({ database, port: await freePort(), issuer: 'http://localhost:9' });
  });

  beforeEach(async () => {
    frontend.clock.set(new Date());
    administrator = await signedInAs(frontend.dataSource, ['vpn-admins']);
    person = await signedInAs(frontend.dataSource, ['vpn-users']);
  });

  afterAll(() => frontend.close());

  const as = ({ headers }: SignedIn, route: string, body?: object) =>
    apiCall(frontend.url, route, { headers, ...(body && { body }) });
  const isSignedIn = async (session: SignedIn) => (await as(session, 'GET /api/v1/me')).status === 200;
  const eventsOf = (objectId: string) => frontend.dataSource.getRepository(AdminEvent).findBy({ objectId });
  const another = () => addSession(frontend.dataSource, person.userId);

  describe('the person', () => {
    it('sees where they are signed in, and which session asks', async () => {
      const origin = { clientAddress: '192.0.2.7', userAgent: 'Firefox' };
      const other = await addSession(frontend.dataSource, person.userId, origin);
      const answer = await as(person, 'GET /api/v1/me/sessions');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(itemsOf(answer)).toHaveLength(2);
      expect(itemsOf(answer)).toContainEqual(expect.objectContaining({ id: person.sessionId, current: true }));
      expect(itemsOf(answer)).toContainEqual(
        expect.objectContaining({
          ...{ id: other.sessionId, current: false, client_address: '192.0.2.7', user_agent: 'Firefox' },
          expires_at: expect.stringMatching(/Z$/),
        }),
      );
      expect(JSON.stringify(answer.body)).not.toContain(administrator.sessionId);
    });

    it('does not see sessions that have ended or expired', async () => {
      const ended = await another();
      await as(person, `DELETE /api/v1/me/sessions/${ended.sessionId}`);
      const past = new Date(Date.now() - 7_200_000);
      await addSession(frontend.dataSource, person.userId, { createdAt: past });
      expect(itemsOf(await as(person, 'GET /api/v1/me/sessions'))).toMatchObject([{ id: person.sessionId }]);
    });

    it('ends one of them, at once', async () => {
      const other = await another();
      expect(await as(person, `DELETE /api/v1/me/sessions/${other.sessionId}`)).toMatchObject({ status: 204 });
      expect(await isSignedIn(other)).toBe(false);
      expect(await isSignedIn(person)).toBe(true);
      expect(await as(person, `DELETE /api/v1/me/sessions/${other.sessionId}`)).toMatchObject({ status: 404 });
    });

    it('ends the one that asks, and its cookie', async () => {
      const answer = await as(person, `DELETE /api/v1/me/sessions/${person.sessionId}`);
      expect(answer.status).toBe(204);
      expect(answer.headers.getSetCookie().join()).toContain('session=;');
      expect(await isSignedIn(person)).toBe(false);
    });

    it('ends all of them', async () => {
      const other = await another();
      expect(await as(person, 'DELETE /api/v1/me/sessions')).toMatchObject({ status: 204 });
      expect(await isSignedIn(person)).toBe(false);
      expect(await isSignedIn(other)).toBe(false);
      expect(await isSignedIn(administrator)).toBe(true);
    });

    it.each(['x', '0'.repeat(64)])('finds no session %s', async (id) => {
      const { status, body } = await as(person, `DELETE /api/v1/me/sessions/${id}`);
      expect({ status, code: body['code'] }).toEqual({ status: 404, code: 'session_not_found' });
    });

    it('cannot tell that somebody else’s session exists, nor end it', async () => {
      const { body } = await as(person, `DELETE /api/v1/me/sessions/${administrator.sessionId}`);
      expect(body).toMatchObject({ status: 404, code: 'session_not_found' });
      expect(await isSignedIn(administrator)).toBe(true);
    });
  });

  describe('the administrator', () => {
    it('finds people, with the roles that they have now', async () => {
      const email = `${person.userId.slice(0, 8)}@example.org`;
      const found = itemsOf(await as(administrator, `GET ${PATH}?search=${email.toUpperCase()}`));
      expect(found).toMatchObject([
        { id: person.userId, email, groups: ['vpn-users'], roles: ['user'], disabled_at: null },
      ]);
      expect((await as(administrator, `GET ${PATH}/${person.userId}`)).body).toEqual(found[0]);
    });

    it.each(['%%%', '___', '\\\\\\', "'; --"])('finds nobody by %j, which is text', async (search) => {
      expect(itemsOf(await as(administrator, `GET ${PATH}?search=${encodeURIComponent(search)}`))).toEqual([]);
    });

    it('lists people page by page', async () => {
      const first = await as(administrator, `GET ${PATH}?limit=1`);
      expect(itemsOf(first)).toHaveLength(1);
      const next = String(first.body['next_cursor']);
      expect(first.headers.get('link')).toContain(next);
      const second = await as(administrator, `GET ${PATH}?limit=1&cursor=${next}`);
      expect(itemsOf(second)[0]?.['id']).not.toBe(itemsOf(first)[0]?.['id']);
    });

    it('ends one session of a person, with an event', async () => {
      const other = await another();
      const sessions = `${PATH}/${person.userId}/sessions`;
      expect(itemsOf(await as(administrator, `GET ${sessions}`))).toHaveLength(2);
      const ended = await as(administrator, `DELETE ${sessions}/${other.sessionId}`);
      expect(ended.status).toBe(204);
      expect(await isSignedIn(other)).toBe(false);
      expect(await isSignedIn(person)).toBe(true);
      const details = { user_id: person.userId };
      const by = { actorId: administrator.userId, requestId: ended.headers.get('x-request-id') };
      expect(await eventsOf(other.sessionId)).toMatchObject([{ ...by, action: 'session.ended', details }]);
      expect(await as(administrator, `DELETE ${sessions}/${other.sessionId}`)).toMatchObject({ status: 404 });
      expect(await eventsOf(other.sessionId)).toHaveLength(1);
    });

    it('ends all sessions of a person, with an event', async () => {
      const other = await another();
      expect(await as(administrator, `DELETE ${PATH}/${person.userId}/sessions`)).toMatchObject({ status: 204 });
      expect([await isSignedIn(person), await isSignedIn(other)]).toEqual([false, false]);
      expect(await as(administrator, `DELETE ${PATH}/${person.userId}/sessions`)).toMatchObject({ status: 204 });
      expect(await eventsOf(person.userId)).toMatchObject([
        { action: 'user.sessions_ended', details: { sessions: 2 } },
      ]);
    });

    it('does not find a session under another person', async () => {
      const path = `${PATH}/${administrator.userId}/sessions/${person.sessionId}`;
      expect(await as(administrator, `DELETE ${path}`)).toMatchObject({ status: 404 });
      expect(await isSignedIn(person)).toBe(true);
    });

    it('keeps a person out, at once and until they are let in again', async () => {
      const path = `${PATH}/${person.userId}`;
      const disabled = await as(administrator, `PATCH ${path}`, { disabled: true });
      expect(disabled.body).toMatchObject({ disabled_at: frontend.clock.now().toISOString() });
      expect(await isSignedIn(person)).toBe(false);
      const later = await addSession(frontend.dataSource, person.userId);
      expect(await isSignedIn(later)).toBe(false);
      await as(administrator, `PATCH ${path}`, { disabled: true });
      expect((await as(administrator, `PATCH ${path}`, { disabled: false })).body).toMatchObject({ disabled_at: null });
      expect(await isSignedIn(await another())).toBe(true);
      const actions = (await eventsOf(person.userId)).map(({ action }) => action);
      expect(actions.sort()).toEqual(['user.disabled', 'user.enabled']);
    });

    it('cannot shut themselves out', async () => {
      const answer = await as(administrator, `PATCH ${PATH}/${administrator.userId}`, { disabled: true });
      expect(answer.body).toMatchObject({ status: 409, code: 'own_account' });
      expect(await isSignedIn(administrator)).toBe(true);
    });

    it.each([
      ['GET', ''],
      ['PATCH', ''],
      ['GET', '/sessions'],
      ['DELETE', '/sessions'],
    ])('%s finds nobody who is not there%s', async (method, rest) => {
      for (const id of ['x', randomUUID()]) {
        const body = method === 'PATCH' ? { disabled: true } : undefined;
        const answer = await as(administrator, `${method} ${PATH}/${id}${rest}`, body);
        expect(answer.body).toMatchObject({ status: 404, code: 'user_not_found' });
      }
    });

    it.each([{}, { disabled: 'yes' }, { disabled: true, groups: [] }])(
      'does not change a person by %j',
      async (body) => {
        expect(await as(administrator, `PATCH ${PATH}/${person.userId}`, body)).toMatchObject({ status: 422 });
        expect(await isSignedIn(person)).toBe(true);
      },
    );
  });

  it('end for good when fifty requests of theirs are under way', async () => {
    const session = await addSession(frontend.dataSource, await addPerson(frontend.dataSource, ['vpn-users']));
    frontend.clock.advance(1_800);
    const requests = Array.from({ length: 50 }, () => isSignedIn(session));
    await as(administrator, `DELETE ${PATH}/${session.userId}/sessions`);
    await Promise.all(requests);
    expect(await isSignedIn(session)).toBe(false);
    expect(await frontend.dataSource.getRepository(User).existsBy({ id: session.userId })).toBe(true);
  });
});
