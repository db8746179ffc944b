import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A token bucket, kept as the one moment that says everything: when it will be full again. */
@Entity('rate_limits')
export class RateLimit {
  /** SHA-256 of what is limited and for whom, lower-case hex. */
  @PrimaryColumn({ name: 'key_hash', type: 'varchar', length: 64, primaryKeyConstraintName: 'rate_limits_pkey' })
  keyHash: string;

  /** Milliseconds since 1970. */
  @Column({ name: 'full_at_ms', type: 'bigint' })
  fullAtMs: number | string;
}
