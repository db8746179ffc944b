import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a program holds that acts for a person for some minutes, after a login in a browser. */
@Entity('access_tokens')
export class AccessToken {
  /** SHA-256 of the token, lower-case hex. */
  @PrimaryColumn({ name: 'token_hash', type: 'varchar', length: 64, primaryKeyConstraintName: 'access_tokens_pkey' })
  tokenHash: string;

  @Column({ name: 'user_id', type: 'varchar', length: 36 })
  userId: string;

  @UtcColumn({ name: 'created_at' })
  createdAt: Date;

  @UtcColumn({ name: 'expires_at' })
  expiresAt: Date;
}
