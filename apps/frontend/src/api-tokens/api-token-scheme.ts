import { InsufficientScope, InvalidCredential, type Principal, scopeOfRoute } from '@libs/auth';
import { UnitOfWork } from '@libs/database';
import { Clock, routeOf } from '@libs/http';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Request } from 'express';
import { IsNull, LessThanOrEqual, type Repository } from 'typeorm';
import { equalHashes, hashSecret } from '../credentials/secret';
import { type BearerScheme, BearerSchemes } from '../sessions/bearer-schemes';
import { UsersService } from '../users/users.service';
import { ApiToken } from './api-token.entity';
import { API_TOKEN_PREFIX, publicIdOfApiToken } from './api-token-secret';

/** Compared with when no row was found, so that an unknown token costs what a wrong one costs. */
const NO_HASH = hashSecret('');
/** The time of the last use is written no more often. */
const USE_NOTED_EVERY_MS = 60_000;

/** `Authorization: Bearer ovapi_…` on the admin API. */
@Injectable()
export class ApiTokenScheme implements BearerScheme, OnModuleInit {
  readonly prefix = API_TOKEN_PREFIX;

  constructor(
    @InjectRepository(ApiToken) private readonly tokens: Repository<ApiToken>,
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersService,
    private readonly schemes: BearerSchemes,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.schemes.register(this);
  }

  /** The creator with the roles of this moment, who may do with the token what its scopes name and no more. */
  async authenticate(credential: string, request: Request): Promise<Principal> {
    const now = this.clock.now();
    const token = await this.tokens.findOneBy({ publicId: publicIdOfApiToken(credential) ?? '' });
    const matches = equalHashes(hashSecret(credential), token?.secretHash ?? NO_HASH);
    const isUsable = token !== null && matches && token.revokedAt === null && token.expiresAt > now;
    const creator = isUsable ? await this.users.principal(token.createdBy) : undefined;
    if (!isUsable || creator === undefined) throw new InvalidCredential('api');
    const scope = scopeOfRoute(request.method, routeOf(request));
    if (scope === undefined || !token.scopes.includes(scope)) throw new InsufficientScope(scope);
    await this.noteUse(token, now);
    return { ...creator, apiTokenId: token.id };
  }

  private async noteUse({ id, lastUsedAt }: ApiToken, now: Date): Promise<void> {
    const due = new Date(now.getTime() - USE_NOTED_EVERY_MS);
    if (lastUsedAt !== null && lastUsedAt > due) return;
    const before = lastUsedAt === null ? IsNull() : LessThanOrEqual(due);
    await this.unitOfWork.single((manager) =>
      manager.update(ApiToken, { id, lastUsedAt: before }, { lastUsedAt: now }),
    );
  }
}
