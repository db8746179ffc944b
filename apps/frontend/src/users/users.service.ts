import { type OidcIdentity, type Principal, type Role, rolesOf } from '@libs/auth';
import { UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import type { Repository } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { User } from './user.entity';
import { UserDisabled } from './user.errors';

export interface RecordedLogin {
  readonly userId: string;
  /** The provider's groups give other roles than at the login before; false at the first one. */
  readonly hasOtherRoles: boolean;
}

@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: FrontendConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Records a login. One statement decides between new and known, so the same person may sign in for the first time twice
   * at once.
   *
   * @throws UserDisabled when an administrator keeps the person out; what the provider said is recorded all the same
   */
  async recordLogin({ issuer, subject, name, email, groups }: OidcIdentity): Promise<RecordedLogin> {
    const now = this.clock.now();
    const before = await this.users.findOneBy({ issuer, subject });
    const user = { issuer, subject, name, email, groups: [...groups], createdAt: now, lastLoginAt: now };
    await this.unitOfWork.single((manager) =>
      manager
        .createQueryBuilder()
        .insert()
        .into(User)
        .values({ id: randomUUID(), ...user })
        .orUpdate(['name', 'email', 'groups', 'last_login_at'], ['issuer', 'subject'])
        .updateEntity(false)
        .execute(),
    );
    const { id, disabledAt } = await this.users.findOneByOrFail({ issuer, subject });
    if (disabledAt !== null) throw new UserDisabled();
    return { userId: id, hasOtherRoles: this.hasOtherRoles(before, groups) };
  }

  /**
   * The person as the access rules see them: roles from the groups of the last login and today's configuration.
   *
   * @returns undefined also for a person whom an administrator keeps out
   */
  async principal(userId: string): Promise<Principal | undefined> {
    const user = await this.users.findOneBy({ id: userId });
    if (user?.disabledAt !== null) return undefined;
    const { id, issuer, subject, name, email, groups } = user;
    return { userId: id, issuer, subject, name, email, groups, roles: this.rolesOf(groups) };
  }

  /** @returns undefined for somebody who has never signed in */
  async idOf(issuer: string, subject: string): Promise<string | undefined> {
    return (await this.users.findOne({ select: { id: true }, where: { issuer, subject } }))?.id;
  }

  /** By today's configuration. */
  rolesOf(groups: readonly string[]): readonly Role[] {
    return rolesOf(groups, this.config.roleGroups);
  }

  private hasOtherRoles(before: User | null, groups: readonly string[]): boolean {
    return before !== null && this.rolesOf(before.groups).join() !== this.rolesOf(groups).join();
  }
}
