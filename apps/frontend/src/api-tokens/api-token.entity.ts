import type { ApiScope } from '@libs/auth';
import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A token by which a program acts in its creator's name. The secret itself was shown once, at creation, and stands nowhere. */
@Entity('api_tokens')
export class ApiToken {
  /** UUID. */
  @PrimaryColumn({ type: 'varchar', length: 36, primaryKeyConstraintName: 'api_tokens_pkey' })
  id: string;

  /** The part of the secret by which its row is found; no secret itself. */
  @Column({ name: 'public_id', type: 'varchar', length: 16 })
  publicId: string;

  /** SHA-256 of the whole secret, lower-case hex. */
  @Column({ name: 'secret_hash', type: 'varchar', length: 64 })
  secretHash: string;

  @Column({ type: 'varchar', length: 100 })
  name: string;

  @Column({ type: 'simple-json' })
  scopes: readonly ApiScope[];

  @UtcColumn({ name: 'created_at' })
  createdAt: Date;

  @Column({ name: 'created_by', type: 'varchar', length: 36 })
  createdBy: string;

  @UtcColumn({ name: 'expires_at' })
  expiresAt: Date;

  /** To the minute. */
  @UtcColumn({ name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;

  @UtcColumn({ name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  @Column({ name: 'revoked_by', type: 'varchar', length: 36, nullable: true })
  revokedBy: string | null;
}
