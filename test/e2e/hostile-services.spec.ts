import fc from 'fast-check';
import { type Attack, attacksOn, parameterCount, requestOf } from '../support/hostile/attacks';
import { expectHarmless } from '../support/hostile/expectations';
import { SLIPPERY } from '../support/hostile/values';
import { closeRawConnections, type RawAnswer, sendRaw } from '../support/hostile/raw-request';
import { routesOf } from '../support/hostile/route-parameters';
import { type AttackedService, AttackedServices } from './support/attacked-services';

const SEED = 20_261_124;
/** For each parameter of a route, and for what every route has. */
const RUNS = 12;
const PUBLIC = ['GET /checkpoint'];
const CONTEXT = ['issuance_id', 'user_id', 'subject', 'email', 'psk_id', 'actor', 'client_address', 'comment'];
/** Of bodies that are one of several kinds, which no declaration tells. */
const BY_HAND = {
  query: ['other'],
  body: [
    ...['type', 'kind', 'issuer', 'certificate', 'fingerprint', 'reason', 'revoked_at', 'crl_number', 'crl_sha256'],
    ...['user', 'psk', 'confirmation', 'entries', 'entries.type', 'entries.certificate', 'entries.context', 'context'],
    ...CONTEXT.map((name) => `context.${name}`),
  ],
};

describe('what the services let through that only others of ours call', () => {
  let services: AttackedServices;

  beforeAll(async () => {
    services = await AttackedServices.start();
  });
  afterAll(async () => {
    await services.stop();
    closeRawConnections();
  });

  const attack = async (service: AttackedService, route: string, one: Attack, known: boolean): Promise<RawAnswer> => {
    const request = requestOf(route, await service.sound(route, known), one);
    const answer = await sendRaw(service.url, request);
    expectHarmless(request, answer);
    return answer;
  };

  it.each(['signing', 'log'] as const)(
    'does no harm to %s',
    async (name) => {
      const service = services[name];
      for (const route of routesOf(service.app)) {
        await fc.assert(
          fc.asyncProperty(attacksOn(route, BY_HAND), fc.boolean(), async (one, known) => {
            const { status } = await attack(service, route.route, one, known);
            if (known && one.on !== 'header') expect([401, 403]).not.toContain(status);
            else if (!known && !PUBLIC.includes(route.route)) expect(status).toBeGreaterThanOrEqual(400);
          }),
          { seed: SEED, numRuns: RUNS * (2 + parameterCount(route)) },
        );
      }
    },
    60_000,
  );

  it.each(['signing', 'log'] as const)(
    'is nothing that %s could not keep',
    async (name) => {
      const service = services[name];
      for (const { route, query, body, takesUndeclaredBody } of routesOf(service.app)) {
        for (const field of query) await attack(service, route, { on: 'query', name: field, text: 'a\0bc' }, true);
        for (const field of takesUndeclaredBody ? BY_HAND.body : body) {
          for (const value of [...SLIPPERY, null]) {
            await attack(service, route, { on: 'field', name: field, value, form: false }, true);
          }
        }
      }
    },
    60_000,
  );

  it('is no certificate that the log does not have', async () => {
    const route = routesOf(services.signing.app).find(({ route: name }) => name === 'POST /api/v1/certificates');
    if (route === undefined) throw new Error('signing issues nothing');
    await fc.assert(
      fc.asyncProperty(attacksOn(route, BY_HAND), async (one) => {
        const { status, text } = await attack(services.signing, route.route, one, true);
        if (status >= 300) return;
        const { fingerprint } = JSON.parse(text) as { readonly fingerprint: string };
        const { headers } = await services.log.sound('GET /api/v1/certificates/:fingerprint', true);
        const path = `/api/v1/certificates/${fingerprint}`;
        expect((await sendRaw(services.log.url, { method: 'GET', path, headers })).status).toBe(200);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });
});
