import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { StoredSession } from '../../src/sessions/session.entity';
import { User } from '../../src/users/user.entity';

/** Of the test frontends. */
export const SESSION_SECRET = 'session-secret-of-the-tests-000000000000';

export interface SignedIn {
  readonly userId: string;
  /** What lists of sessions call it. */
  readonly sessionId: string;
  /** Cookie and CSRF token: makes a request that session's. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A person whose groups at their last login were these. */
export async function addPerson(dataSource: DataSource, groups: readonly string[], now = new Date()): Promise<string> {
  const id = randomUUID();
  await dataSource.getRepository(User).insert({
    ...{ id, issuer: 'https://idp.example.org', subject: id, name: 'Ada', email: `${id.slice(0, 8)}@example.org` },
    ...{ groups: [...groups], createdAt: now, lastLoginAt: now, disabledAt: null },
  });
  return id;
}

/** A session of a person, as a login would have begun it. */
export async function addSession(
  dataSource: DataSource,
  userId: string,
  origin: Partial<StoredSession> = {},
): Promise<SignedIn> {
  const id = randomBytes(32).toString('base64url');
  const csrfToken = randomBytes(32).toString('base64url');
  const now = origin.createdAt ?? new Date();
  const idHash = createHash('sha256').update(id).digest('hex');
  await dataSource.getRepository(StoredSession).insert({
    ...{ idHash, userId, data: { csrfToken }, clientAddress: null, userAgent: null, providerSessionHash: null },
    ...{ createdAt: now, idleExpiresAt: later(now, 3_600), absoluteExpiresAt: later(now, 43_200), destroyedAt: null },
    ...origin,
  });
  const signature = createHmac('sha256', SESSION_SECRET).update(id).digest('base64').replace(/=+$/, '');
  const cookie = `session=${encodeURIComponent(`s:${id}.${signature}`)}`;
  return { userId, sessionId: idHash, headers: { cookie, 'x-csrf-token': csrfToken } };
}

export async function signedInAs(dataSource: DataSource, groups: readonly string[]): Promise<SignedIn> {
  return addSession(dataSource, await addPerson(dataSource, groups));
}

function later(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}
