import { UtcColumn } from '@libs/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A person who has signed in at least once. Issuer and subject identify them; all else is as the provider last said. */
@Entity('users')
export class User {
  /** UUID. */
  @PrimaryColumn({ type: 'varchar', length: 36, primaryKeyConstraintName: 'users_pkey' })
  id: string;

  @Column({ type: 'varchar', length: 255 })
  issuer: string;

  @Column({ type: 'varchar', length: 255 })
  subject: string;

  @Column({ type: 'varchar', length: 200 })
  name: string;

  @Column({ type: 'varchar', length: 254, nullable: true })
  email: string | null;

  /** JSON list. Roles are computed from it on every request, so that the configuration alone says what a group may do. */
  @Column({ type: 'simple-json' })
  groups: string[];

  @UtcColumn({ name: 'created_at' })
  createdAt: Date;

  @UtcColumn({ name: 'last_login_at' })
  lastLoginAt: Date;

  /** Since when an administrator keeps the person out; null: they are let in. */
  @UtcColumn({ name: 'disabled_at', nullable: true })
  disabledAt: Date | null;
}
