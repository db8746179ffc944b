import { testDatabases } from '@libs/testing';
import nodeCrypto from 'node:crypto';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import type { Logger } from 'typeorm';
import { hashSecret } from '../src/credentials/secret';
import { Psk } from '../src/psks/psk.entity';
import { newPskSecret } from '../src/psks/psk-secret';
import { newApiTokenSecret } from '../src/api-tokens/api-token-secret';
import { addApiToken } from './support/api-tokens';
import { type IssuingFrontend, startIssuingFrontend } from './support/issuing-frontend';

/** What a request costs that a caller could measure. */
interface Work {
  readonly hashes: number;
  readonly comparisons: number;
  readonly queries: number;
}

const BEFORE = new Date(Date.now() - 60_000);
const SILENT: Omit<Logger, 'logQuery'> = {
  ...{ logQueryError: () => undefined, logQuerySlow: () => undefined, logSchemaBuild: () => undefined },
  ...{ logMigration: () => undefined, log: () => undefined },
};

/** Counted and not timed: what is equal by construction needs no statistics. */
describe.each(testDatabases())('a credential that is refused on $name', (database) => {
  let frontend: IssuingFrontend;
  let queries = 0;

  beforeAll(async () => {
    frontend = await startIssuingFrontend(database);
    const logQuery = () => {
      queries += 1;
    };
    frontend.dataSource.logger = { ...SILENT, logQuery };
  });
  afterAll(() => frontend.close());
  afterEach(() => jest.restoreAllMocks());

  const workOf = async (path: string, authorization: string | undefined): Promise<Work> => {
    const hash = jest.spyOn(nodeCrypto, 'createHash');
    const compare = jest.spyOn(nodeCrypto, 'timingSafeEqual');
    const before = queries;
    const refused = request(frontend.server).get(path);
    const { status } = await (authorization === undefined ? refused : refused.set('Authorization', authorization));
    expect(status).toBe(401);
    const work = { hashes: hash.mock.calls.length, comparisons: compare.mock.calls.length, queries: queries - before };
    jest.restoreAllMocks();
    return work;
  };

  /** A PSK that was right until something happened to it; the way to show it. */
  const psk = async (facts: Partial<Psk> = {}): Promise<string> => {
    const { userId: createdBy } = await frontend.addUser();
    const { publicId, secret } = newPskSecret();
    await frontend.dataSource.getRepository(Psk).insert({
      ...{ id: randomUUID(), publicId, secretHash: hashSecret(secret), kind: 'server', commonName: 'vpn.example.org' },
      ...{ templateSet: 'Default', description: '', allowedNetworks: [], labels: {}, expiresAt: null, useLimit: null },
      ...{ uses: 0, lastUsedAt: null, createdAt: BEFORE, createdBy, revokedAt: null, revokedBy: null },
      ...facts,
      ...(facts.revokedAt && { revokedBy: createdBy }),
    });
    return `Bearer ${secret}`;
  };

  const apiToken = async (facts: { readonly revokedAt?: Date; readonly expiresAt?: Date } = {}): Promise<string> => {
    const { userId } = await frontend.addUser();
    const owner = facts.revokedAt && { revokedBy: userId };
    const added = { createdAt: new Date(BEFORE.getTime() - 1), ...facts, ...owner };
    return String((await addApiToken(frontend.dataSource, userId, ['psks:read'], added)).headers['authorization']);
  };

  const withAnotherSecret = (authorization: string) => `${authorization.slice(0, -43)}${'A'.repeat(43)}`;

  it('costs the same whatever is wrong with a PSK', async () => {
    const {
      hashes,
      comparisons,
      queries: asked,
    } = await workOf('/api/v1/server/bundle', `Bearer ${newPskSecret().secret}`);
    expect([hashes > 0, comparisons, asked]).toEqual([true, 1, 1]);
    for (const [what, authorization] of [
      ['missing', undefined],
      ['another scheme', 'Basic YTpi'],
      ['malformed', 'Bearer ovpsk_x'],
      ['a wrong secret', withAnotherSecret(await psk())],
      ['revoked', await psk({ revokedAt: BEFORE })],
      ['expired', await psk({ expiresAt: BEFORE })],
      ['used up', await psk({ useLimit: 1, uses: 1 })],
      ['from another network', await psk({ allowedNetworks: ['192.0.2.0/24'] })],
    ] as const) {
      const work = await workOf('/api/v1/server/bundle', authorization);
      expect([what, work]).toEqual([what, { hashes, comparisons, queries: asked }]);
    }
  });

  it('costs the same whatever is wrong with an API token', async () => {
    const {
      hashes,
      comparisons,
      queries: asked,
    } = await workOf('/api/v1/admin/psks', `Bearer ${newApiTokenSecret().secret}`);
    expect([hashes > 0, comparisons, asked]).toEqual([true, 1, 1]);
    for (const [what, authorization] of [
      ['malformed', 'Bearer ovapi_x'],
      ['a wrong secret', withAnotherSecret(await apiToken())],
      ['revoked', await apiToken({ revokedAt: BEFORE })],
      ['expired', await apiToken({ expiresAt: BEFORE })],
    ] as const) {
      const work = await workOf('/api/v1/admin/psks', authorization);
      expect([what, work]).toEqual([what, { hashes, comparisons, queries: asked }]);
    }
  });
});
