import { UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Brackets, IsNull, Not, type Repository } from 'typeorm';
import { type CursorPage, pageOf, type PageRequest } from '../credentials/page';
import { type EventActor, Events } from '../events/events.service';
import { PersonSessions } from '../sessions/person-sessions.service';
import { User } from './user.entity';
import { OwnAccount, UserNotFound } from './user.errors';

export interface UserSearch extends PageRequest {
  /** A part of the name or e-mail address. */
  readonly search?: string | undefined;
}

/** What service administrators do with people and their sessions. Each change and its event are one unit of work. */
@Injectable()
export class UserAdministration {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly sessions: PersonSessions,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  async list({ search, ...page }: UserSearch): Promise<CursorPage<User>> {
    const query = this.users.createQueryBuilder('user');
    if (search !== undefined) {
      const part = `%${search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
      const matches = (column: string) => `LOWER(user.${column}) LIKE :part ESCAPE '\\'`;
      query.andWhere(
        new Brackets((either) => either.where(matches('name'), { part }).orWhere(matches('email'), { part })),
      );
    }
    return pageOf(query, 'user', page);
  }

  /** @throws UserNotFound */
  async read(id: string): Promise<User> {
    const user = await this.users.findOneBy({ id });
    if (user === null) throw new UserNotFound();
    return user;
  }

  /**
   * Keeps a person out, and ends their sessions, or lets them in again. What is so already stays so.
   *
   * @throws UserNotFound, OwnAccount
   */
  async setDisabled(id: string, disabled: boolean, actor: EventActor): Promise<User> {
    await this.read(id);
    if (disabled && id === actor.userId) throw new OwnAccount();
    const before = { id, disabledAt: disabled ? IsNull() : Not(IsNull()) };
    await this.unitOfWork.run(async (manager) => {
      const { affected } = await manager.update(User, before, { disabledAt: disabled ? this.clock.now() : null });
      if (disabled) await this.sessions.endAll(id, manager);
      if (affected !== 1) return;
      await this.events.record(manager, { actor, action: disabled ? 'user.disabled' : 'user.enabled', objectId: id });
    });
    return this.read(id);
  }

  /** @throws SessionNotFound */
  async endSession(userId: string, sessionId: string, actor: EventActor): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      await this.sessions.end(userId, sessionId, manager);
      const details = { user_id: userId };
      await this.events.record(manager, { actor, action: 'session.ended', objectId: sessionId, details });
    });
  }

  /**
   * @returns how many there were
   * @throws UserNotFound
   */
  async endSessions(userId: string, actor: EventActor): Promise<number> {
    await this.read(userId);
    return this.unitOfWork.run(async (manager) => {
      const ended = await this.sessions.endAll(userId, manager);
      const details = { sessions: ended };
      if (ended > 0) {
        await this.events.record(manager, { actor, action: 'user.sessions_ended', objectId: userId, details });
      }
      return ended;
    });
  }
}
