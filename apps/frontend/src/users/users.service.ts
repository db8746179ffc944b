import { type OidcIdentity, type Principal, rolesOf } from '@libs/auth';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import type { Repository } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { User } from './user.entity';

@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly config: FrontendConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Records a login and answers the person's id. One statement decides between new and known, so the same person may
   * sign in for the first time twice at once.
   */
  async recordLogin({ issuer, subject, name, email, groups }: OidcIdentity): Promise<string> {
    const now = this.clock.now();
    const user = { issuer, subject, name, email, groups: [...groups], createdAt: now, lastLoginAt: now };
    await this.users
      .createQueryBuilder()
      .insert()
      .values({ id: randomUUID(), ...user })
      .orUpdate(['name', 'email', 'groups', 'last_login_at'], ['issuer', 'subject'])
      .updateEntity(false)
      .execute();
    const { id } = await this.users.findOneOrFail({ select: { id: true }, where: { issuer, subject } });
    return id;
  }

  /** The person as the access rules see them: roles from the groups of the last login and today's configuration. */
  async principal(userId: string): Promise<Principal | undefined> {
    const user = await this.users.findOneBy({ id: userId });
    if (!user) return undefined;
    const { id, issuer, subject, name, email, groups } = user;
    return { userId: id, issuer, subject, name, email, groups, roles: rolesOf(groups, this.config.roleGroups) };
  }
}
