import { UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Request } from 'express';
import { Cookie, type SessionData, Store } from 'express-session';
import { createHash } from 'node:crypto';
import { type FindOptionsWhere, IsNull, MoreThan, type Repository } from 'typeorm';
import { FrontendConfig } from '../config/frontend.config';
import { StoredSession } from './session.entity';

declare module 'express-session' {
  interface SessionData {
    /** Whose session it is; absent for a visitor, for whom nothing is stored. */
    userId?: string;
    /** Synchronizer token of the session's forms. */
    csrfToken?: string;
    /** When the idle time ends, as read from the store; milliseconds since 1970. Absent in a session that is being begun. */
    idleExpiresAt?: number;
    /** Known at the login alone. */
    origin?: SessionOrigin;
  }
}

/** Only a request that came with a session's cookie has one, and the request by which somebody signs in. */
export function sessionOf(request: Request): Partial<SessionData> | undefined {
  return (request as { readonly session?: Partial<SessionData> }).session;
}

/** Where a session comes from. */
export type SessionOrigin = Pick<StoredSession, 'clientAddress' | 'userAgent' | 'providerSessionHash'>;

type Done = (error?: unknown) => void;

/** The idle time is moved on only once this share of it has passed, so that most requests write nothing. */
const TOUCH_AFTER = 0.1;
const UNKNOWN_ORIGIN: SessionOrigin = { clientAddress: null, userAgent: null, providerSessionHash: null };

/**
 * Sessions in the database, by the hash of their id. Ended sessions stay as tombstones until pruned; every write says
 * `destroyed_at IS NULL`, so neither a save nor a touch that comes late revives one. Only a session that is being begun is
 * inserted: one that was read and has been pruned since stays away.
 */
@Injectable()
export class SessionStore extends Store {
  constructor(
    @InjectRepository(StoredSession) private readonly sessions: Repository<StoredSession>,
    private readonly unitOfWork: UnitOfWork,
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
      idHash: sessionIdHash(id),
      destroyedAt: IsNull(),
      idleExpiresAt: MoreThan(now),
      absoluteExpiresAt: MoreThan(now),
    });
    if (!row) return null;
    return { ...row.data, userId: row.userId, idleExpiresAt: row.idleExpiresAt.getTime(), cookie: new Cookie() };
  }

  private async write(id: string, { userId, csrfToken, idleExpiresAt, origin }: SessionData): Promise<void> {
    if (userId === undefined || csrfToken === undefined)
      throw new Error('only the session of a signed-in person is stored');
    const idHash = sessionIdHash(id);
    const data = { csrfToken };
    const affected = await this.update({ idHash, userId }, { data });
    if (affected === 1 || idleExpiresAt !== undefined) return;
    await this.insert({ idHash, userId, data, ...(origin ?? UNKNOWN_ORIGIN) });
  }

  private async insert(session: Pick<StoredSession, 'idHash' | 'userId' | 'data'> & SessionOrigin): Promise<void> {
    const createdAt = this.clock.now();
    const absoluteExpiresAt = new Date(createdAt.getTime() + this.config.session.absoluteSeconds * 1000);
    const idleExpiresAt = this.idleEnd(createdAt, absoluteExpiresAt);
    await this.unitOfWork.single((manager) =>
      manager
        .createQueryBuilder()
        .insert()
        .into(StoredSession)
        .values({ ...session, createdAt, idleExpiresAt, absoluteExpiresAt, destroyedAt: null })
        .orIgnore()
        .updateEntity(false)
        .execute(),
    );
  }

  /** @returns how many rows there were that had not ended */
  private async update(which: FindOptionsWhere<StoredSession>, change: Partial<StoredSession>): Promise<number> {
    const running = { ...which, destroyedAt: IsNull() };
    const { affected } = await this.unitOfWork.single((manager) => manager.update(StoredSession, running, change));
    return affected ?? 0;
  }

  private async prolong(id: string, { idleExpiresAt }: SessionData): Promise<void> {
    const now = this.clock.now();
    const idleMs = this.config.session.idleSeconds * 1000;
    if (idleExpiresAt === undefined || idleExpiresAt - now.getTime() > idleMs * (1 - TOUCH_AFTER)) return;
    const idHash = sessionIdHash(id);
    const row = await this.sessions.findOneBy({ idHash, destroyedAt: IsNull() });
    if (!row) return;
    await this.update({ idHash }, { idleExpiresAt: this.idleEnd(now, row.absoluteExpiresAt) });
  }

  private async end(id: string): Promise<void> {
    await this.update({ idHash: sessionIdHash(id) }, { destroyedAt: this.clock.now() });
  }

  private idleEnd(now: Date, absoluteExpiresAt: Date): Date {
    const idle = now.getTime() + this.config.session.idleSeconds * 1000;
    return new Date(Math.min(idle, absoluteExpiresAt.getTime()));
  }
}

/** How a session's id stands in the database, and what lists of sessions call it. */
export function sessionIdHash(id: string): string {
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
