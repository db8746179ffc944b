import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** OpenVPN Connect's `VPN-Session-Token` of a downloaded profile, by which it asks later whether the profile is still good. */
@Entity('profile_sessions')
export class ProfileSession {
  /** SHA-256 of the token, lower-case hex. */
  @PrimaryColumn({ name: 'token_hash', type: 'varchar', length: 64, primaryKeyConstraintName: 'profile_sessions_pkey' })
  tokenHash: string;

  @Column({ name: 'issuance_id', type: 'varchar', length: 36 })
  issuanceId: string;

  @UtcColumn({ name: 'created_at' })
  createdAt: Date;
}
