import type { Principal } from '@libs/auth';
import { testDatabases } from '@libs/testing';
import fc from 'fast-check';
import request from 'supertest';
import { AdminEvent } from '../src/events/event.entity';
import { type IssuingFrontend, startIssuingFrontend } from './support/issuing-frontend';
import { RealServices } from './support/real-services';

const RUNS = { numRuns: 150 };
/** Of the form that a path or a query can have, and what others have tried before. */
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('..', '%00', '\0', "' OR 1=1 --", '{{7*7}}', 'a\r\nSet-Cookie: x=1', '\ud800', '0'.repeat(64), '﷽'),
);

describe.each(testDatabases())('what administrators send on $name', (database) => {
  let services: RealServices;
  let frontend: IssuingFrontend;
  let administrator: Principal;

  beforeAll(async () => {
    services = await RealServices.start();
    frontend = await startIssuingFrontend(database, await services.variables());
    administrator = await frontend.addUser();
  });
  afterAll(async () => {
    await frontend.close();
    await services.stop();
  });

  const expectRefused = ({ status, body }: request.Response): void => {
    expect([400, 404, 422]).toContain(status);
    expect(body).toMatchObject({ status, code: expect.stringMatching(/^[a-z_]+$/) });
  };
  const get = (path: string) => request(frontend.server).get(`/api/v1/admin/${path}`).set(frontend.as(administrator));
  const post = (path: string, body: unknown) =>
    request(frontend.server)
      .post(`/api/v1/admin/${path}`)
      .set({ ...frontend.as(administrator), 'content-type': 'application/json' })
      .send(JSON.stringify(body));
  /** What has no UTF-8 form cannot be sent at all. */
  const encoded = (text: string) => encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'));

  it.each(['user', 'psk', 'issuer', 'reason', 'comment', 'dry_run', 'confirmation', 'override_fuse'])(
    'as a bulk revocation has a value for %s when it is there at all',
    async (field) => {
      expectRefused(await post('revocations', { user: administrator.userId, [field]: null }));
    },
  );

  it('as a bulk revocation is refused with a reason unless it is one', async () => {
    const values = fc.oneof(texts, fc.boolean(), fc.integer(), fc.constant(null), fc.array(texts, { maxLength: 2 }));
    const fields = ['user', 'psk', 'issuer', 'reason', 'comment', 'dry_run', 'confirmation', 'override_fuse', 'other'];
    const bodies = fc.dictionary(fc.constantFrom(...fields), values, { maxKeys: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          bodies,
          fc.json().map((text): unknown => JSON.parse(text)),
        ),
        async (body) => {
          expectRefused(await post('revocations', body));
        },
      ),
      RUNS,
    );
    await expect(frontend.dataSource.getRepository(AdminEvent).count()).resolves.toBe(0);
  });

  it.each(['actor', 'action', 'object_type', 'object_id', 'request_id', 'from', 'to', 'cursor', 'limit', 'unknown'])(
    'as %s of a list of events finds nothing or is refused with a reason',
    async (name) => {
      await fc.assert(
        fc.asyncProperty(texts, async (text) => {
          const answer = await get(`events?${name}=${encoded(text)}`);
          if (answer.status === 200) expect(answer.body).toEqual({ items: [], next_cursor: null });
          else expectRefused(answer);
        }),
        { numRuns: 30 },
      );
    },
  );

  it.each(['', '/proof'])('as a fingerprint (…%s) is not found', async (suffix) => {
    await fc.assert(
      fc.asyncProperty(
        texts.filter((text) => !['', '.', '..'].includes(text)),
        async (text) => {
          expectRefused(await get(`certificates/${encoded(text)}${suffix}`));
        },
      ),
      { numRuns: 50 },
    );
  });
});
