import type { Principal } from '@libs/auth';
import { DataLossRefused, UnitOfWork } from '@libs/database';
import { withRequestId } from '@libs/http';
import { testDatabases } from '@libs/testing';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { CreateEvents1764000600000 } from '../src/database/migrations/1764000600000-create-events';
import { AdminEvent } from '../src/events/event.entity';
import { Events } from '../src/events/events.service';
import { User } from '../src/users/user.entity';
import { type IssuingFrontend, startIssuingFrontend } from './support/issuing-frontend';

describe.each(testDatabases())('events on $name', (database) => {
  let frontend: IssuingFrontend;
  let actor: Principal;
  let auditor: Principal;

  beforeAll(async () => {
    frontend = await startIssuingFrontend(database);
    actor = await frontend.addUser();
    auditor = await frontend.addUser({ roles: ['auditor'] });
  });
  afterAll(() => frontend.close());
  beforeEach(() => frontend.dataSource.getRepository(AdminEvent).clear());

  const list = (query = '', person = auditor) =>
    request(frontend.server).get(`/api/v1/admin/events${query}`).set(frontend.as(person));
  const record = async (objectId: string, action: 'psk.created' | 'psk.revoked' = 'psk.created', by = actor) =>
    frontend.app.get(Events).recordAlone({ actor: by, action, objectId });

  it('tell who did what to which object in which request', async () => {
    const apiTokenId = randomUUID();
    const id = await withRequestId('request-4711', () =>
      frontend.app.get(Events).recordAlone({
        actor: { userId: actor.userId, apiTokenId },
        action: 'setting.changed',
        objectId: 'profile_limit',
        details: { version: 3, names: ['a', 'b'] },
      }),
    );
    const { body, headers } = await list();
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toEqual({
      items: [
        {
          id,
          at: frontend.clock.now().toISOString(),
          actor: { user_id: actor.userId, api_token_id: apiTokenId },
          action: 'setting.changed',
          object: { type: 'setting', id: 'profile_limit' },
          request_id: 'request-4711',
          details: { version: 3, names: ['a', 'b'] },
        },
      ],
      next_cursor: null,
    });
  });

  it('are there exactly when the change is', async () => {
    const change = (fails: boolean) =>
      frontend.app.get(UnitOfWork, { strict: false }).run(async (manager) => {
        await manager.update(User, { id: actor.userId }, { name: fails ? 'Grace' : 'Joan' });
        await frontend.app.get(Events).record(manager, { actor, action: 'psk.created', objectId: 'x' });
        if (fails) throw new Error('the change fails');
      });
    await expect(change(true)).rejects.toThrow('the change fails');
    expect((await list()).body.items).toEqual([]);
    await change(false);
    expect((await list()).body.items).toHaveLength(1);
    await expect(frontend.dataSource.getRepository(User).findOneBy({ id: actor.userId })).resolves.toMatchObject({
      name: 'Joan',
    });
  });

  it('are listed newest first in pages that shift nothing', async () => {
    const recorded: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) {
      // Two of a millisecond each: the id breaks the tie.
      if (n % 2 === 1) frontend.clock.advance(0.001);
      recorded.push(await record(`psk-${String(n)}`));
    }
    const ids: string[] = [];
    let path: string | undefined = '?limit=2';
    while (path !== undefined) {
      const { body, headers } = await list(path);
      expect(body.items.length).toBeLessThanOrEqual(2);
      ids.push(...(body.items as { id: string }[]).map(({ id }) => id));
      if (ids.length === 2) await record('meanwhile');
      const link = /<([^>]+)>; rel="next"/.exec(headers['link'] ?? '')?.[1];
      path = link?.slice(link.indexOf('?'));
      expect(path === undefined).toBe(body.next_cursor === null);
    }
    expect(new Set(ids)).toEqual(new Set(recorded));
    expect(ids[0]).toBe(recorded[4]);
  });

  it('are found by actor, action, object, request and time', async () => {
    await record('first', 'psk.created');
    frontend.clock.advance(1);
    const border = frontend.clock.now().toISOString();
    await withRequestId('request-two', () => record('second', 'psk.revoked', auditor));
    const objects = async (query: string) =>
      ((await list(query)).body.items as { object: { id: string } }[]).map(({ object }) => object.id);
    await expect(objects('')).resolves.toEqual(['second', 'first']);
    await expect(objects(`?actor=${actor.userId}`)).resolves.toEqual(['first']);
    await expect(objects('?action=psk.revoked')).resolves.toEqual(['second']);
    await expect(objects('?object_type=psk&object_id=first')).resolves.toEqual(['first']);
    await expect(objects('?object_type=setting')).resolves.toEqual([]);
    await expect(objects('?request_id=request-two')).resolves.toEqual(['second']);
    await expect(objects(`?from=${border}`)).resolves.toEqual(['second']);
    await expect(objects(`?to=${border}`)).resolves.toEqual(['first']);
  });

  it('refuse questions that make no sense', async () => {
    const wrong = ['actor=ada', 'action=x', 'object_type=x', 'cursor=zz', 'limit=0', 'from=1', 'request_id=a', 'x=1'];
    for (const query of wrong) expect((await list(`?${query}`)).status).toBe(422);
    // A form that is right and a day that is not.
    expect((await list('?to=2026-02-31T00:00:00Z')).status).toBe(422);
  });

  it('are for auditors', async () => {
    const systemAdministrator = await frontend.addUser({ roles: ['system_administrator'] });
    expect((await list('', systemAdministrator)).status).toBe(403);
    expect((await request(frontend.server).get('/api/v1/admin/events')).status).toBe(401);
  });

  it('are kept when somebody migrates down', async () => {
    await record('kept');
    const queryRunner = frontend.dataSource.createQueryRunner();
    await queryRunner.startTransaction();
    try {
      await expect(new CreateEvents1764000600000().down(queryRunner)).rejects.toThrow(DataLossRefused);
    } finally {
      await queryRunner.rollbackTransaction();
      await queryRunner.release();
    }
    await expect(frontend.dataSource.getRepository(AdminEvent).count()).resolves.toBe(1);
  });
});
