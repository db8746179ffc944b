import type { IsoUtc } from '@libs/contracts';
import type { StoredSession } from './session.entity';

/** A session as its owner and administrators see it. */
export interface SessionResponse {
  /** Made from the session's identifier, which nobody can find out from it. */
  readonly id: string;
  /** The one that this request came with. */
  readonly current: boolean;
  readonly created_at: IsoUtc;
  /** When it ends unless it is used before. */
  readonly idle_expires_at: IsoUtc;
  /** When it ends however much it is used. */
  readonly expires_at: IsoUtc;
  /** Of the login. */
  readonly client_address: string | null;
  /** Of the browser, as it names itself. */
  readonly user_agent: string | null;
}

/** @param currentId id of the session that asks; undefined when none does */
export function sessionResponse(session: StoredSession, currentId: string | undefined): SessionResponse {
  return {
    id: session.idHash,
    current: session.idHash === currentId,
    created_at: session.createdAt.toISOString(),
    idle_expires_at: session.idleExpiresAt.toISOString(),
    expires_at: session.absoluteExpiresAt.toISOString(),
    client_address: session.clientAddress,
    user_agent: session.userAgent,
  };
}
