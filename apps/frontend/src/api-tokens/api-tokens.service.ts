import type { ApiScope } from '@libs/auth';
import { UnitOfWork } from '@libs/database';
import { Clock, InvalidRequest } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { IsNull, type Repository } from 'typeorm';
import { type CursorPage, pageOf, type PageRequest } from '../credentials/page';
import { hashSecret } from '../credentials/secret';
import { type EventActor, Events } from '../events/events.service';
import { ApiToken } from './api-token.entity';
import { ApiTokenNotFound } from './api-token.errors';
import { newApiTokenSecret } from './api-token-secret';

export interface NewApiToken {
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  readonly expiresAt: Date;
}

export interface CreatedApiToken {
  readonly token: ApiToken;
  /** Nobody can read it again. */
  readonly secret: string;
}

/** A token that nobody remembers must come to an end by itself. */
const MAX_LIFE_MS = 366 * 86_400_000;

/** What service administrators do with API tokens. */
@Injectable()
export class ApiTokensService {
  constructor(
    @InjectRepository(ApiToken) private readonly tokens: Repository<ApiToken>,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /** @throws InvalidRequest for an expiry that is past or too far away */
  async create({ name, scopes, expiresAt }: NewApiToken, actor: EventActor): Promise<CreatedApiToken> {
    const createdAt = this.clock.now();
    checkExpiry(expiresAt, createdAt);
    const { publicId, secret } = newApiTokenSecret();
    const token: ApiToken = {
      ...{ id: randomUUID(), publicId, secretHash: hashSecret(secret), name, scopes: [...scopes] },
      ...{ createdAt, createdBy: actor.userId, expiresAt, lastUsedAt: null, revokedAt: null, revokedBy: null },
    };
    await this.unitOfWork.run(async (manager) => {
      await manager.insert(ApiToken, token);
      const details = { public_id: publicId, scopes, expires_at: expiresAt.toISOString() };
      await this.events.record(manager, { actor, action: 'api_token.created', objectId: token.id, details });
    });
    return { token, secret };
  }

  async list(page: PageRequest): Promise<CursorPage<ApiToken>> {
    return pageOf(this.tokens.createQueryBuilder('token'), 'token', page);
  }

  /** @throws ApiTokenNotFound */
  async read(id: string): Promise<ApiToken> {
    const token = await this.tokens.findOneBy({ id });
    if (token === null) throw new ApiTokenNotFound();
    return token;
  }

  /**
   * Ends a token at once and for good. Revoking it again changes nothing.
   *
   * @throws ApiTokenNotFound
   */
  async revoke(id: string, actor: EventActor): Promise<ApiToken> {
    const token = await this.read(id);
    await this.unitOfWork.run(async (manager) => {
      const revocation = { revokedAt: this.clock.now(), revokedBy: actor.userId };
      const { affected } = await manager.update(ApiToken, { id, revokedAt: IsNull() }, revocation);
      if (affected !== 1) return;
      const details = { public_id: token.publicId };
      await this.events.record(manager, { actor, action: 'api_token.revoked', objectId: id, details });
    });
    return this.read(id);
  }
}

function checkExpiry(expiresAt: Date, now: Date): void {
  const lifeMs = expiresAt.getTime() - now.getTime();
  if (lifeMs > 0 && lifeMs <= MAX_LIFE_MS) return;
  throw new InvalidRequest([{ field: 'expires_at', message: 'expires_at must be within the next 366 days' }]);
}
