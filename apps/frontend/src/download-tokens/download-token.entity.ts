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

  /** What its user calls the device that the profile is for. */
  @Column({ name: 'device_name', type: 'varchar', length: 64, nullable: true })
  deviceName: string | null;

  /** S256 code challenge (RFC 7636): the token then works only together with its verifier. */
  @Column({ name: 'code_challenge', type: 'varchar', length: 43, nullable: true })
  codeChallenge: string | null;

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

  /** Set when it was given for an access token instead of a profile: it is spent as well. */
  @UtcColumn({ name: 'exchanged_at', nullable: true })
  exchangedAt: Date | null;

  /** How often somebody tried to use it once it was spent: its owner wants to know. */
  @Column({ name: 'reuse_count', type: 'integer' })
  reuseCount: number;

  @UtcColumn({ name: 'last_reused_at', nullable: true })
  lastReusedAt: Date | null;

  @Column({ name: 'last_reused_from', type: 'varchar', length: 64, nullable: true })
  lastReusedFrom: string | null;
}
