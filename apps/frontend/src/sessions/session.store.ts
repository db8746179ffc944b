import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Cookie, type SessionData, Store } from 'express-session';
import { createHash } from 'node:crypto';
import { IsNull, MoreThan, type Repository } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { StoredSession } from './session.entity';

declare module 'express-session' {
  interface SessionData {
    /** Whose session it is; absent for a visitor, for whom nothing is stored. */
    userId?: string;
    /** Synchronizer token of the session's forms. */
    csrfToken?: string;
    /** When the idle time ends, as read from the store; milliseconds since 1970. */
    idleExpiresAt?: number;
  }
}

type Done = (error?: unknown) => void;

/** The idle time is moved on only once this share of it has passed, so that most requests write nothing. */
const TOUCH_AFTER = 0.1;

/**
 * Sessions in the database, by the hash of their id. Ended sessions stay as tombstones until pruned; every write says
 * `destroyed_at IS NULL`, so neither a save nor a touch that comes late revives one.
 */
@Injectable()
export class SessionStore extends Store {
  constructor(
    @InjectRepository(StoredSession) private readonly sessions: Repository<StoredSession>,
    private readonly config: FrontendConfig,
    private readonly clock: Clock,
  ) {
    super();
  }

  override get(id: string, done: (error: unknown, session?: SessionData | null) => void): void {
    this.read(id).then(
      (session) => {
        done(null, session);
      },
      (error: unknown) => {
        done(error);
      },
    );
  }

  override set(id: string, session: SessionData, done?: Done): void {
    settle(this.write(id, session), done);
  }

  override touch(id: string, session: SessionData, done?: Done): void {
    settle(this.prolong(id, session), done);
  }

  override destroy(id: string, done?: Done): void {
    settle(this.end(id), done);
  }

  private async read(id: string): Promise<SessionData | null> {
    const now = this.clock.now();
    const row = await this.sessions.findOneBy({
      idHash: hashOf(id),
      destroyedAt: IsNull(),
      idleExpiresAt: MoreThan(now),
      absoluteExpiresAt: MoreThan(now),
    });
    if (!row) return null;
    return { ...row.data, userId: row.userId, idleExpiresAt: row.idleExpiresAt.getTime(), cookie: new Cookie() };
  }

  private async write(id: string, { userId, csrfToken }: SessionData): Promise<void> {
    if (userId === undefined || csrfToken === undefined)
      throw new Error('only the session of a signed-in person is stored');
    const idHash = hashOf(id);
    const data = { csrfToken };
    const { affected } = await this.sessions.update({ idHash, userId, destroyedAt: IsNull() }, { data });
    if (affected === 1) return;
    const createdAt = this.clock.now();
    const absoluteExpiresAt = new Date(createdAt.getTime() + this.config.session.absoluteSeconds * 1000);
    const idleExpiresAt = this.idleEnd(createdAt, absoluteExpiresAt);
    await this.sessions
      .createQueryBuilder()
      .insert()
      .values({ idHash, userId, data, createdAt, idleExpiresAt, absoluteExpiresAt, destroyedAt: null })
      .orIgnore()
      .updateEntity(false)
      .execute();
  }

  private async prolong(id: string, { idleExpiresAt }: SessionData): Promise<void> {
    const now = this.clock.now();
    const idleMs = this.config.session.idleSeconds * 1000;
    if (idleExpiresAt === undefined || idleExpiresAt - now.getTime() > idleMs * (1 - TOUCH_AFTER)) return;
    const idHash = hashOf(id);
    const row = await this.sessions.findOneBy({ idHash, destroyedAt: IsNull() });
    if (!row) return;
    const moved = { idleExpiresAt: this.idleEnd(now, row.absoluteExpiresAt) };
    await this.sessions.update({ idHash, destroyedAt: IsNull() }, moved);
  }

  private async end(id: string): Promise<void> {
    await this.sessions.update({ idHash: hashOf(id), destroyedAt: IsNull() }, { destroyedAt: this.clock.now() });
  }

  private idleEnd(now: Date, absoluteExpiresAt: Date): Date {
    const idle = now.getTime() + this.config.session.idleSeconds * 1000;
    return new Date(Math.min(idle, absoluteExpiresAt.getTime()));
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id, 'utf8').digest('hex');
}

function settle(work: Promise<void>, done: Done = () => undefined): void {
  work.then(
    () => {
      done();
    },
    (error: unknown) => {
      done(error);
    },
  );
}
