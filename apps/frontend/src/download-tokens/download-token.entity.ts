import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A link that gives one profile once. It carries the choices that its user made, and the groups of that moment. */
@Entity('download_tokens')
export class DownloadToken {
  /** SHA-256 of the token, lower-case hex. */
  @PrimaryColumn({ name: 'token_hash', type: 'varchar', length: 64, primaryKeyConstraintName: 'download_tokens_pkey' })
  tokenHash: string;

  @Column({ name: 'user_id', type: 'varchar', length: 36 })
  userId: string;

  @Column({ type: 'simple-json' })
  groups: string[];

  @Column({ type: 'simple-json' })
  options: string[];

  @UtcColumn({ name: 'created_at' })
  createdAt: Date;

  @UtcColumn({ name: 'expires_at' })
  expiresAt: Date;

  /** Set while an issuance holds the token, and for ever once it is spent. */
  @UtcColumn({ name: 'claimed_at', nullable: true })
  claimedAt: Date | null;

  @UtcColumn({ name: 'spent_at', nullable: true })
  spentAt: Date | null;

  @Column({ name: 'issuance_id', type: 'varchar', length: 36, nullable: true })
  issuanceId: string | null;
}
