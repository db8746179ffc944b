import type { ApiScope } from '@libs/auth';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ApiToken } from '../../src/api-tokens/api-token.entity';
import { newApiTokenSecret } from '../../src/api-tokens/api-token-secret';
import { hashSecret } from '../../src/credentials/secret';

export interface TestApiToken {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A token as a service administrator would have made it, whoever the creator is now. */
export async function addApiToken(
  dataSource: DataSource,
  createdBy: string,
  scopes: readonly ApiScope[],
  facts: Partial<ApiToken> = {},
): Promise<TestApiToken> {
  const { publicId, secret } = newApiTokenSecret();
  const id = randomUUID();
  const createdAt = new Date();
  await dataSource.getRepository(ApiToken).insert({
    ...{ id, publicId, secretHash: hashSecret(secret), name: 'test', scopes: [...scopes], createdAt, createdBy },
    ...{ expiresAt: new Date(createdAt.getTime() + 3_600_000), lastUsedAt: null, revokedAt: null, revokedBy: null },
    ...facts,
  });
  return { id, headers: { authorization: `Bearer ${secret}` } };
}
