import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A certificate that another takes the place of. It stays valid until the owner has had time to change over. */
@Entity('renewals')
export class Renewal {
  /** The issuance of the old certificate: it is renewed once. */
  @PrimaryColumn({ name: 'issuance_id', type: 'varchar', length: 36, primaryKeyConstraintName: 'renewals_pkey' })
  issuanceId: string;

  /** The issuance of the new one. */
  @Column({ name: 'renewed_by', type: 'varchar', length: 36 })
  renewedBy: string;

  @UtcColumn({ name: 'created_at' })
  createdAt: Date;

  /** When the old one is to be revoked; null until the new one has been handed out. */
  @UtcColumn({ name: 'due_at', nullable: true })
  dueAt: Date | null;

  /** The revocation is nobody's before this moment: at first `dueAt`, then the lease of the replica that carries it out. */
  @UtcColumn({ name: 'lease_until', nullable: true })
  leaseUntil: Date | null;

  /** When it had been revoked. */
  @UtcColumn({ name: 'finished_at', nullable: true })
  finishedAt: Date | null;
}
