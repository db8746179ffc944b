import { UtcColumn } from '@libs/database';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A browser in which somebody is signed in. The id itself is known to that browser alone. */
@Entity('sessions')
@Index('sessions_user_id_idx', ['userId'])
@Index('sessions_absolute_expires_at_idx', ['absoluteExpiresAt'])
@Index('sessions_provider_session_hash_idx', ['providerSessionHash'])
export class StoredSession {
  /** SHA-256 of the session id, lower-case hex. */
  @PrimaryColumn({ name: 'id_hash', type: 'varchar', length: 64, primaryKeyConstraintName: 'sessions_pkey' })
  idHash: string;

  @Column({ name: 'user_id', type: 'varchar', length: 36 })
  userId: string;

  /** What express-session keeps, but for the columns here. */
  @Column({ type: 'simple-json' })
  data: { readonly csrfToken: string };

  /** Where the login came from; null for sessions that are older than the column. */
  @Column({ name: 'client_address', type: 'varchar', length: 64, nullable: true })
  clientAddress: string | null;

  @Column({ name: 'user_agent', type: 'varchar', length: 256, nullable: true })
  userAgent: string | null;

  /** Hash of the identity provider's session, by which it ends this one; null where it names none. */
  @Column({ name: 'provider_session_hash', type: 'varchar', length: 64, nullable: true })
  providerSessionHash: string | null;

  @UtcColumn({ name: 'created_at' })
  createdAt: Date;

  @UtcColumn({ name: 'idle_expires_at' })
  idleExpiresAt: Date;

  @UtcColumn({ name: 'absolute_expires_at' })
  absoluteExpiresAt: Date;

  /** Set once, never cleared: a request that was under way when the session ended cannot bring it back. */
  @UtcColumn({ name: 'destroyed_at', nullable: true })
  destroyedAt: Date | null;
}
