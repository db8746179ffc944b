import { InvalidCredential, type Principal } from '@libs/auth';
import { Clock } from '@libs/http';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource, type EntityManager, MoreThan } from 'typeorm';
import { BearerSchemes } from '../sessions/bearer-schemes';
import { UsersService } from '../users/users.service';
import { AccessToken } from './access-token.entity';
import { hashSecret, randomSecret } from './secret';

/** RFC 6749 §5.1: how a program receives its token. */
export interface AccessTokenResponse {
  /** To be sent as `Authorization: Bearer`. */
  readonly access_token: string;
  /** RFC 6750. */
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
}

const PREFIX = 'ovat_';
/** Long enough for one errand of a program; there is no way to prolong it. */
const LIFETIME_SECONDS = 900;

/** Tokens by which a program acts for a person, with the rights of a user and no others. */
@Injectable()
export class AccessTokens implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly users: UsersService,
    private readonly schemes: BearerSchemes,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.schemes.register({ prefix: PREFIX, authenticate: (credential) => this.principalOf(credential) });
  }

  /** To be called in the unit of work that spends what the token is given for. */
  async issue(manager: EntityManager, userId: string): Promise<AccessTokenResponse> {
    const access_token = `${PREFIX}${randomSecret()}`;
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + LIFETIME_SECONDS * 1000);
    await manager.insert(AccessToken, { tokenHash: hashSecret(access_token), userId, createdAt, expiresAt });
    return { access_token, token_type: 'Bearer', expires_in: LIFETIME_SECONDS };
  }

  /** @throws InvalidCredential */
  private async principalOf(credential: string): Promise<Principal> {
    const valid = { tokenHash: hashSecret(credential), expiresAt: MoreThan(this.clock.now()) };
    const token = await this.dataSource.getRepository(AccessToken).findOneBy(valid);
    const principal = token === null ? undefined : await this.users.principal(token.userId);
    if (principal === undefined) throw new InvalidCredential('api');
    return { ...principal, roles: principal.roles.filter((role) => role === 'user') };
  }
}
