import { SHA256_HEX } from '@libs/contracts';
import { UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, type FindOptionsWhere, IsNull, MoreThan, type Repository } from 'typeorm';
import { AccessToken } from '../credentials/access-token.entity';
import { StoredSession } from './session.entity';
import { SessionNotFound } from './session.errors';

/** More sessions than a person has; the newest are listed. */
const LISTED = 200;

/** The sessions of one person, from outside of them. A session that is ended here is gone with its next request. */
@Injectable()
export class PersonSessions {
  constructor(
    @InjectRepository(StoredSession) private readonly sessions: Repository<StoredSession>,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** Those that have not ended, the newest first. */
  async list(userId: string): Promise<readonly StoredSession[]> {
    const now = this.clock.now();
    const running = { destroyedAt: IsNull(), idleExpiresAt: MoreThan(now), absoluteExpiresAt: MoreThan(now) };
    return this.sessions.find({
      where: { userId, ...running },
      order: { createdAt: 'DESC', idHash: 'ASC' },
      take: LISTED,
    });
  }

  /**
   * @param manager of a unit of work that does more
   * @throws SessionNotFound also for one that has ended, or is somebody else's
   */
  async end(userId: string, id: string, manager?: EntityManager): Promise<void> {
    if (!SHA256_HEX.test(id)) throw new SessionNotFound();
    const now = this.clock.now();
    const running = { idleExpiresAt: MoreThan(now), absoluteExpiresAt: MoreThan(now) };
    const ended = await this.endThose({ idHash: id, userId, ...running }, manager);
    if (ended !== 1) throw new SessionNotFound();
  }

  /**
   * What programs received by a login of the person ends as well.
   *
   * @param manager of a unit of work that does more
   * @returns how many sessions there were
   */
  async endAll(userId: string, manager?: EntityManager): Promise<number> {
    const end = async (within: EntityManager) => {
      await within.delete(AccessToken, { userId });
      return this.endThose({ userId }, within);
    };
    return manager === undefined ? this.unitOfWork.run(end) : end(manager);
  }

  private async endThose(which: FindOptionsWhere<StoredSession>, manager?: EntityManager): Promise<number> {
    const end = (within: EntityManager) =>
      within.update(StoredSession, { ...which, destroyedAt: IsNull() }, { destroyedAt: this.clock.now() });
    const { affected } = await (manager === undefined ? this.unitOfWork.single(end) : end(manager));
    return affected ?? 0;
  }
}
