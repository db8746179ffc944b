import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What the person who was asked has said. */
export type DeviceDecision = 'approved' | 'refused';

/** A device without a browser that waits until somebody says elsewhere that it may act for them (RFC 8628). */
@Entity('device_authorizations')
export class DeviceAuthorization {
  /** SHA-256 of the device code, lower-case hex. */
  @PrimaryColumn({
    name: 'device_code_hash',
    type: 'varchar',
    length: 64,
    primaryKeyConstraintName: 'device_authorizations_pkey',
  })
  deviceCodeHash: string;

  /** SHA-256 of the code that the person types. */
  @Column({ name: 'user_code_hash', type: 'varchar', length: 64 })
  userCodeHash: string;

  /** What the device calls itself. */
  @Column({ name: 'device_name', type: 'varchar', length: 64, nullable: true })
  deviceName: string | null;

  @Column({ name: 'client_address', type: 'varchar', length: 64, nullable: true })
  clientAddress: string | null;

  @Column({ name: 'user_agent', type: 'varchar', length: 256, nullable: true })
  userAgent: string | null;

  /** How long the device must wait between two questions; longer each time that it did not (§3.5). */
  @Column({ name: 'interval_seconds', type: 'integer' })
  intervalSeconds: number;

  @UtcColumn({ name: 'last_polled_at', nullable: true })
  lastPolledAt: Date | null;

  @UtcColumn({ name: 'created_at' })
  createdAt: Date;

  @UtcColumn({ name: 'expires_at' })
  expiresAt: Date;

  @Column({ type: 'varchar', length: 16, nullable: true })
  decision: DeviceDecision | null;

  /** Who decided. */
  @Column({ name: 'user_id', type: 'varchar', length: 36, nullable: true })
  userId: string | null;

  /** When the device received its access token. */
  @UtcColumn({ name: 'redeemed_at', nullable: true })
  redeemedAt: Date | null;
}
